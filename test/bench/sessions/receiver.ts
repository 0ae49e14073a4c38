import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { endsWithUs } from "../../reliability/support.ts";

const PROGRAM = fileURLToPath(new URL("../../../node_modules/.cache/bench-receiver", import.meta.url));
const SOURCE = fileURLToPath(new URL("receiver.c", import.meta.url));
/**
 * Number of connections over which the sessions are created. With one connection, they would exceed the quotas of a
 * client for sessions and calls.
 */
const CONNECTIONS = 4;
const CALLS_IN_FLIGHT = 128;

/** Compiles the receiver. Throws Error if gcc or the headers of libdbus are missing. */
export function compileReceiver(): void {
  const flags = execFileSync("pkg-config", ["--cflags", "--libs", "dbus-1"], { encoding: "utf8" }).trim().split(/\s+/);
  mkdirSync(fileURLToPath(new URL("../../../node_modules/.cache", import.meta.url)), { recursive: true });
  execFileSync("gcc", ["-O2", "-Wall", "-Wextra", "-Werror", "-o", PROGRAM, SOURCE, ...flags], { stdio: "inherit" });
}

/** A client in C with libdbus, which creates sessions over four connections. */
export class Receiver {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  static async start(address: string, callsInFlight = CALLS_IN_FLIGHT): Promise<Receiver> {
    const receiver = new Receiver(address, callsInFlight);
    await receiver.#next();
    return receiver;
  }

  private constructor(address: string, callsInFlight: number) {
    const child = endsWithUs(
      spawn(PROGRAM, [address, `${CONNECTIONS}`, `${callsInFlight}`], {
        stdio: ["pipe", "pipe", "inherit"],
      }),
    );
    this.#process = child;
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  /**
   * Runs a command and waits until the expected Updates have arrived. Returns the milliseconds since `since`, a time of
   * `process.hrtime.bigint`; NaN if Updates are missing.
   */
  async run(command: string, since = process.hrtime.bigint()): Promise<number> {
    this.#process.stdin?.write(`${command}\n`);
    const end = await this.#next();
    return end === 0n ? Number.NaN : Number(end - since) / 1e6;
  }

  stop(): void {
    this.#process.kill("SIGKILL");
  }

  async #next(): Promise<bigint> {
    const { value = "error the receiver ended" } = await this.#lines.next();
    if (value.startsWith("error")) throw new Error(value);
    return BigInt(value);
  }
}
