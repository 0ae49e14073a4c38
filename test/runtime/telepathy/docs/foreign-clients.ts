import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Target } from "@dbus-codegen-ts/runtime";
import { endsWithUs } from "../../../reliability/support.ts";

const PYTHON = "/usr/bin/python3";
const PROGRAM = fileURLToPath(new URL("programs/foreign-clients.py", import.meta.url));

/** Whether Python with dbus-python and PyGObject is installed. */
export const hasForeignClients = spawnSync(PYTHON, ["-c", "import dbus, gi"]).status === 0;
if (!hasForeignClients) process.stderr.write("skipped: foreign clients need python3-dbus and python3-gi\n");

/** Error reply that a client in Python received. The message is the D-Bus error name. */
class ForeignError extends Error {}

/** A received signal with its arguments, or `reply` with the reply to a call. */
export type ForeignEvent = readonly unknown[];

/** Several clients with dbus-python, which run in one process. */
export class ForeignClients implements Disposable {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  #last: Promise<unknown> = Promise.resolve();

  constructor() {
    this.#process = endsWithUs(spawn(PYTHON, [PROGRAM]));
    this.#process.stderr.pipe(process.stderr);
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** Connects a new client to a bus. */
  async open(address: string): Promise<ForeignClient> {
    const number = await this.#run("open", address);
    return new ForeignClient((command, ...args) => this.#run(command, number, ...args));
  }

  [Symbol.dispose](): void {
    this.#process.kill("SIGKILL");
  }

  /** Runs a command after all earlier commands. Rejects with ForeignError if it results in a D-Bus error. */
  #run(...command: readonly unknown[]): Promise<unknown> {
    const result = this.#last.then(async () => {
      this.#process.stdin.write(`${JSON.stringify(command)}\n`);
      const { value: line } = await this.#lines.next();
      const reply = JSON.parse(line ?? '{"error":"the foreign clients have ended"}') as Record<string, unknown>;
      if (typeof reply["error"] === "string") throw new ForeignError(reply["error"]);
      return reply["value"];
    });
    this.#last = result.catch(() => undefined);
    return result;
  }
}

/** A D-Bus client with dbus-python. */
export class ForeignClient {
  readonly #run: (command: string, ...args: readonly unknown[]) => Promise<unknown>;

  constructor(run: (command: string, ...args: readonly unknown[]) => Promise<unknown>) {
    this.#run = run;
  }

  /** Calls a method, given by interface, dot and name. Resolves with the reply. */
  call({ destination, path }: Target, method: string, signature = "", ...args: readonly unknown[]): Promise<unknown> {
    return this.#run("call", destination, path, ...split(method), signature, args);
  }

  /** Calls a method and does not wait for the reply, which is recorded as the event `reply`. */
  async start({ destination, path }: Target, method: string): Promise<void> {
    await this.#run("start", "reply", destination, path, ...split(method), "", []);
  }

  /** Returns the value of a property, given by interface, dot and name. */
  get(target: Target, property: string): Promise<unknown> {
    return this.call(target, "org.freedesktop.DBus.Properties.Get", "ss", ...split(property));
  }

  /** Sets a property to a value of a D-Bus type. */
  async set(target: Target, property: string, type: string, value: unknown): Promise<void> {
    const args = [...split(property), { type, value }];
    await this.call(target, "org.freedesktop.DBus.Properties.Set", "ssv", ...args);
  }

  /** Starts to record the signals of an object. */
  async watch({ path }: Target): Promise<void> {
    await this.#run("watch", path);
  }

  /** Returns the recorded events of a service since the last call, except PropertiesChanged. */
  async take({ destination }: Target): Promise<readonly ForeignEvent[]> {
    const events = (await this.#run("take", destination)) as readonly ForeignEvent[];
    return events.filter(([member]) => member !== "PropertiesChanged");
  }

  /** Returns whether a bus name has an owner. */
  async hasOwner(name: string): Promise<boolean> {
    return (await this.#run("owner", name)) === true;
  }

  /** Disconnects the client from the bus. */
  async close(): Promise<void> {
    await this.#run("close");
  }
}

/** Splits a qualified name into the interface and the member. */
function split(member: string): readonly [string, string] {
  const dot = member.lastIndexOf(".");
  return [member.slice(0, dot), member.slice(dot + 1)];
}
