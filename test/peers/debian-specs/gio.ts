import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { PYTHON } from "../../runtime/connman/foreign-applications.ts";

const PROGRAM = fileURLToPath(new URL("gio.py", import.meta.url));

/** A program of GIO that reads specs and calls services. */
export class Gio implements Disposable {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterator<string>;

  /** @param address - Address of the bus of the services. */
  constructor(address: string) {
    this.#process = spawn(PYTHON, [PROGRAM, address]);
    this.#process.stderr.pipe(process.stderr);
    this.#answers = createInterface(this.#process.stdout)[Symbol.asyncIterator]();
  }

  /** Returns why GIO rejects a spec; null if it accepts it. */
  async verdict(spec: string): Promise<string | null> {
    return JSON.parse(await this.#ask({ spec }));
  }

  /** Returns the differences between a served interface and its spec, as GIO reads both. */
  async differences(name: string, path: string, iface: string, spec: string): Promise<readonly string[]> {
    return JSON.parse(await this.#ask({ served: path, name, interface: iface, spec }));
  }

  [Symbol.dispose](): void {
    this.#process.kill();
  }

  async #ask(request: object): Promise<string> {
    this.#process.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.#answers.next();
    if (done) throw new Error("the program of GIO has ended");
    return value;
  }
}
