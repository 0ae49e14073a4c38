import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import type { Namespace } from "./namespaces.ts";
import type { ClientCommand, ClientResult, ClientTask, SocketOwner } from "./programs/clients.ts";

/**
 * Clients of all users in a namespace. They run in the program `clients.ts`, which is started with the first client.
 */
export class Clients {
  readonly #namespace: Namespace;
  readonly #port: number;
  #process: ChildProcess | undefined;
  readonly #waiting = new Map<number, (text: string) => void>();
  #nextId = 0;

  constructor(namespace: Namespace, port: number) {
    this.#namespace = namespace;
    this.#port = port;
  }

  /**
   * Connects to a server. Returns the text of the server, or an error code.
   *
   * @param from - Source address, or an empty text.
   */
  greet(host: string, from: string, owner: SocketOwner): Promise<string> {
    return this.#run({ greet: { host, from }, owner }).text;
  }

  /**
   * Opens a connection. Returns a function that sends data over the connection and returns the reply or an error code.
   */
  async open(host: string, owner: SocketOwner): Promise<() => Promise<string>> {
    const { id, text } = this.#run({ open: { host, from: "" }, owner });
    await text;
    return () => this.#run({ ask: id }).text;
  }

  /** Starts to send datagrams. Returns a function that stops sending. */
  async sendDatagrams(host: string, owner: SocketOwner): Promise<() => Promise<unknown>> {
    const { id, text } = this.#run({ sendTo: host, owner });
    await text;
    return () => this.#run({ stop: id }).text;
  }

  #run(task: ClientTask): { readonly id: number; readonly text: Promise<string> } {
    this.#process ??= this.#start();
    const command: ClientCommand = { ...task, id: this.#nextId++ };
    const text = new Promise<string>((resolve) => this.#waiting.set(command.id, resolve));
    this.#process.stdin?.write(`${JSON.stringify(command)}\n`);
    return { id: command.id, text };
  }

  #start(): ChildProcess {
    const child = this.#namespace.startWithFiles("clients.ts", `${this.#port}`);
    child.once("close", () => {
      for (const resolve of this.#waiting.values()) resolve("the clients have ended");
    });
    if (child.stdout === null) return child;
    createInterface({ input: child.stdout }).on("line", (line) => {
      const { id, text }: ClientResult = JSON.parse(line);
      this.#waiting.get(id)?.(text);
      this.#waiting.delete(id);
    });
    return child;
  }
}
