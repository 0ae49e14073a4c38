import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import type { Namespace } from "./namespaces.ts";
import type { Greeting, GreetingResult } from "./programs/greeting-client.ts";

/** Processes of users in a namespace that connect to a server, one for each user and group. */
export class Greeters {
  readonly #namespace: Namespace;
  readonly #port: number;
  readonly #byOwner = new Map<string, Greeter>();

  constructor(namespace: Namespace, port: number) {
    this.#namespace = namespace;
    this.#port = port;
  }

  /**
   * Connects to a server. Returns its text, or an error code.
   *
   * @param from - Source address, or an empty text.
   * @param cgroup - Folder of the control group of the client, which then has its own process.
   */
  async greet(host: string, from: string, uid: number, gid: number, cgroup?: string): Promise<string> {
    const start = () =>
      new Greeter(this.#namespace.startIn(cgroup, "greeting-client.ts", `${this.#port}`, `${uid}`, `${gid}`));
    if (cgroup !== undefined) {
      const greeter = start();
      return greeter.greet(host, from).finally(() => greeter.end());
    }
    const owner = `${uid} ${gid}`;
    const greeter = this.#byOwner.get(owner) ?? start();
    this.#byOwner.set(owner, greeter);
    return greeter.greet(host, from);
  }
}

class Greeter {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (text: string) => void>();
  #nextId = 0;

  constructor(child: ChildProcess) {
    this.#child = child;
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).on("line", (line) => {
      const { id, text }: GreetingResult = JSON.parse(line);
      this.#waiting.get(id)?.(text);
      this.#waiting.delete(id);
    });
    child.once("close", () => {
      for (const resolve of this.#waiting.values()) resolve("the client has ended");
    });
  }

  greet(host: string, from: string): Promise<string> {
    const greeting: Greeting = { id: this.#nextId++, host, from };
    const text = new Promise<string>((resolve) => this.#waiting.set(greeting.id, resolve));
    this.#child.stdin?.write(`${JSON.stringify(greeting)}\n`);
    return text;
  }

  end(): void {
    this.#child.stdin?.end();
  }
}
