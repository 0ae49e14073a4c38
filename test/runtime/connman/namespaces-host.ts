import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { LinuxNetworkOptions } from "../../../runtime/connman/adapters/network/linux/linux-network.ts";
import type { Technology } from "../../../runtime/connman/adapters/network/network.ts";
import type { NetworkService } from "../../../runtime/connman/policy/service.ts";
import { kill, type Namespace } from "./namespaces.ts";
import type { HostCommand, HostOutput, RouteArgument } from "./programs/host.ts";

/** The program `host.ts` in a namespace. */
export class Host implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #results: HostOutput[] = [];
  #services: readonly NetworkService[] = [];
  technologies: readonly Technology[] = [];
  isOffline = false;
  readonly #waiting = new Set<() => void>();

  /** @param cgroup - Folder of its control group; then it finds control groups. */
  constructor(namespace: Namespace, options: LinuxNetworkOptions = {}, cgroup?: string) {
    this.#child = namespace.startIn(cgroup, "host.ts", JSON.stringify(options));
    if (this.#child.stdout === null) return;
    createInterface({ input: this.#child.stdout }).on("line", (line) => this.#onOutput(JSON.parse(line)));
  }

  /** Waits until the services are equal to a text such as `wan-a ready, wan-b idle`, and fulfil a condition. */
  async services(
    expected: string,
    condition: (services: readonly NetworkService[]) => boolean = () => true,
  ): Promise<readonly NetworkService[]> {
    const end = Date.now() + 10_000;
    for (;;) {
      const now = this.#services.map((service) => `${service.interface} ${service.state}`).join(", ");
      if (now === expected && condition(this.#services)) return this.#services;
      if (Date.now() > end) throw new Error(`expected ${expected}, but the services are: ${now}`);
      await this.#outputWithin(100);
    }
  }

  send(command: HostCommand): void {
    this.#child.stdin?.write(`${JSON.stringify(command)}\n`);
  }

  /** Applies the routes of sessions. Rejects with the error of the routing. */
  apply(routes: readonly RouteArgument[]): Promise<void> {
    return this.request({ apply: routes });
  }

  /** Sends a command with a result. Rejects with its error, or with another error of the host. */
  async request(command: HostCommand): Promise<void> {
    this.send(command);
    for (;;) {
      const result = this.#results.shift();
      if (result === undefined) await this.#outputWithin(10_000);
      else if ("error" in result) throw new Error(result.error);
      else if ("applied" in result) return;
    }
  }

  /** Kills the program. */
  async crash(): Promise<void> {
    await kill(this.#child);
  }

  /** Ends the program, which closes network and routing. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.stdin?.end();
    await once(this.#child, "close");
  }

  #onOutput(output: HostOutput): void {
    if ("services" in output) {
      this.#services = output.services;
      this.technologies = output.technologies;
      this.isOffline = output.isOffline;
    } else this.#results.push(output);
    for (const wake of this.#waiting) wake();
  }

  /** Resolves at the next output, or after a timeout. */
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
