import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { LinuxNetworkOptions } from "../../../runtime/connman/adapters/network/linux/linux-network.ts";
import type { Technology } from "../../../runtime/connman/adapters/network/network.ts";
import type { NetworkService } from "../../../runtime/connman/policy/service.ts";
import { kill, type Namespace } from "./namespaces.ts";
import type { HostCommand, HostInput, HostLine, HostOutput, RouteArgument } from "./programs/host.ts";

/** A process in which hosts run: the program `host.ts` in a namespace. */
export class HostProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #hosts: Host[] = [];

  /** @param cgroup - Folder of the control group of the process. If given, the process can see control groups. */
  constructor(namespace: Namespace, cgroup?: string) {
    this.#child = namespace.startIn(cgroup, "host.ts");
    if (this.#child.stdout === null) return;
    createInterface({ input: this.#child.stdout }).on("line", (text) => {
      const { host, ...output }: HostLine = JSON.parse(text);
      this.#hosts[host]?.receive(output);
    });
  }

  /** Opens a host. */
  open(options: LinuxNetworkOptions = {}): Host {
    const number = this.#hosts.length;
    const host = new Host(this, options, (command, id) => {
      const input: HostInput = { ...command, id, host: number };
      this.#child.stdin?.write(`${JSON.stringify(input)}\n`);
    });
    this.#hosts.push(host);
    return host;
  }

  /** Kills the process, so that its hosts cannot clean up. */
  async crash(): Promise<void> {
    await kill(this.#child);
  }

  /** Ends the process. The process first closes its hosts. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.stdin?.end();
    await once(this.#child, "close");
  }
}

interface Waiting {
  resolve(): void;
  reject(error: Error): void;
}

/** A host, which has a network and a routing. */
export class Host implements AsyncDisposable {
  /** The process of the host. */
  readonly process: HostProcess;
  readonly #send: (command: HostCommand, id: number) => void;
  #commandCount = 0;
  readonly #commands = new Map<number, Waiting>();
  /** An error that does not belong to a command. The next command reports it. */
  #error: string | undefined;
  #services: readonly NetworkService[] = [];
  technologies: readonly Technology[] = [];
  isOffline = false;
  readonly #waiting = new Set<() => void>();

  /** @param send - Sends a command with its number to the process. */
  constructor(process: HostProcess, options: LinuxNetworkOptions, send: (command: HostCommand, id: number) => void) {
    this.process = process;
    this.#send = send;
    this.send({ open: options });
  }

  /** Waits until the services are equal to a text such as `wan-a ready, wan-b idle`, and a condition is true. */
  async services(
    expected: string,
    condition: (services: readonly NetworkService[]) => boolean = () => true,
  ): Promise<readonly NetworkService[]> {
    const end = Date.now() + 60_000;
    for (;;) {
      const now = this.#services.map((service) => `${service.interface} ${service.state}`).join(", ");
      if (now === expected && condition(this.#services)) return this.#services;
      if (Date.now() > end) throw new Error(`expected ${expected}, but the services are: ${now}${this.#error ?? ""}`);
      await this.#outputWithin(100);
    }
  }

  /** Sends a command without waiting. If it fails, the next command reports the error. */
  send(command: HostCommand): void {
    this.#send(command, this.#commandCount++);
  }

  /** Applies the routes of sessions. Rejects with the error of the routing. */
  apply(routes: readonly RouteArgument[]): Promise<void> {
    return this.request({ apply: routes });
  }

  /**
   * Sends a command and waits for its result. Rejects with the error of the command, or with an earlier error of the
   * host.
   */
  async request(command: HostCommand): Promise<void> {
    const error = this.#error;
    this.#error = undefined;
    if (error !== undefined) throw new Error(error);
    return this.#run(command);
  }

  #run(command: HostCommand): Promise<void> {
    const id = this.#commandCount;
    const result = new Promise<void>((resolve, reject) => this.#commands.set(id, { resolve, reject }));
    this.send(command);
    return result;
  }

  receive(output: HostOutput): void {
    if ("services" in output) {
      this.#services = output.services;
      this.technologies = output.technologies;
      this.isOffline = output.isOffline;
      for (const wake of this.#waiting) wake();
    } else if ("done" in output) {
      this.#commands.get(output.done)?.resolve();
      this.#commands.delete(output.done);
    } else this.#fail(output.error, output.id);
  }

  /** Closes the host. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#run({ close: true });
  }

  #fail(message: string, id: number | undefined): void {
    const failed = id === undefined ? undefined : this.#commands.get(id);
    const all = failed === undefined ? [...this.#commands.values()] : [failed];
    for (const { reject } of all) reject(new Error(message));
    if (all.length === 0) this.#error = message;
    else if (failed === undefined) this.#commands.clear();
    else if (id !== undefined) this.#commands.delete(id);
  }

  /** Resolves at the next change of the services, or after a timeout. */
  #outputWithin(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, timeoutMs);
      this.#waiting.add(wake);
    });
  }
}
