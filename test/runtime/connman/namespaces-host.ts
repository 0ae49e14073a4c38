import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { NetworkService } from "../../../runtime/connman/policy/service.ts";
import { kill, type Namespace } from "./namespaces.ts";
import type { Order, Said, SpokenRoute } from "./programs/host.ts";

/** The program `host.ts` in a namespace. */
export class Host implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #said: Said[] = [];
  #services: readonly NetworkService[] = [];
  readonly #waiting = new Set<() => void>();

  constructor(namespace: Namespace, ...args: readonly string[]) {
    this.#child = namespace.start("host.ts", ...args);
    if (this.#child.stdout === null) return;
    createInterface({ input: this.#child.stdout }).on("line", (line) => this.#hear(JSON.parse(line)));
  }

  /** Waits until the services are like this: `wan-a ready, wan-b idle`, and as they should be. Gives them. */
  async services(
    expected: string,
    are: (services: readonly NetworkService[]) => boolean = () => true,
  ): Promise<readonly NetworkService[]> {
    const end = Date.now() + 10_000;
    for (;;) {
      const now = this.#services.map((service) => `${service.interface} ${service.state}`).join(", ");
      if (now === expected && are(this.#services)) return this.#services;
      if (Date.now() > end) throw new Error(`expected ${expected}, but the services are: ${now}`);
      await this.#news(100);
    }
  }

  order(order: Order): void {
    this.#child.stdin?.write(`${JSON.stringify(order)}\n`);
  }

  /** Applies these sessions; rejects with what the routing says. */
  async apply(routes: readonly SpokenRoute[]): Promise<void> {
    this.order({ apply: routes });
    for (;;) {
      const said = this.#said.shift();
      if (said === undefined) await this.#news(10_000);
      else if ("error" in said) throw new Error(said.error);
      else if ("applied" in said) return;
    }
  }

  /** Ends it as a crash would. */
  async crash(): Promise<void> {
    await kill(this.#child);
  }

  /** Closes the network and the routing, and waits until it has ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.stdin?.end();
    await once(this.#child, "close");
  }

  #hear(said: Said): void {
    if ("services" in said) this.#services = said.services;
    else this.#said.push(said);
    for (const wake of this.#waiting) wake();
  }

  /** Resolves when something was said, or after a while. */
  #news(timeout: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, timeout);
      this.#waiting.add(wake);
    });
  }
}
