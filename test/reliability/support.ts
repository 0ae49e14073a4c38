import { type ChildProcess, spawn } from "node:child_process";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openTransport } from "../../runtime/core/bus/handshake.ts";
import type { Transport } from "../../runtime/core/bus/transport.ts";
import { Bus } from "../../runtime/core/bus.ts";
import type { DiagnosticEvents, ErrorHook } from "../../runtime/core/index.ts";
import type { Message } from "../../runtime/core/wire/message.ts";
import { type PrivateBus, type PrivateBusOptions, startPrivateBus } from "../setup/private-bus.ts";
import { programArguments } from "../setup/program.ts";

/** A private bus that can crash and come back at the same address. */
export class CrashingBus implements AsyncDisposable {
  readonly address: string;
  readonly #folder: string;
  #daemon: PrivateBus | undefined;

  static async start(): Promise<CrashingBus> {
    const folder = await mkdtemp(join(tmpdir(), "crashing-bus-"));
    const bus = new CrashingBus(folder);
    await bus.restart();
    return bus;
  }

  private constructor(folder: string) {
    this.#folder = folder;
    this.address = `unix:path=${folder}/bus`;
  }

  /** Starts a daemon at the address of the bus. The previous daemon must have ended. */
  async restart(options: PrivateBusOptions = {}): Promise<void> {
    this.#daemon = await startPrivateBus({ ...options, path: join(this.#folder, "bus") });
  }

  /** Kills the daemon by SIGKILL; resolves when it is gone. */
  async crash(): Promise<void> {
    await this.#daemon?.stop("SIGKILL");
  }

  /** Suspends the daemon by SIGSTOP until it is killed. */
  freeze(): void {
    if (this.#daemon !== undefined) process.kill(this.#daemon.pid, "SIGSTOP");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.crash();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

const pathOf = (address: string): string => address.slice("unix:path=".length).split(",", 1)[0] ?? "";

/** Connects without services. Calls are passed to `onCall`, and serials begin after `lastSerial`. */
export async function rawBus(
  address: string,
  { onCall = () => undefined, lastSerial, onError = () => undefined }: RawOptions = {},
): Promise<Bus> {
  const transport = await openTransport({ kind: "unix", path: pathOf(address) }, 10_000);
  return new Bus(lastSerial === undefined ? transport : withLastSerial(transport, lastSerial), { onError }, { onCall });
}

interface RawOptions {
  readonly onCall?: (call: Message, bus: Bus) => void;
  readonly lastSerial?: number;
  readonly onError?: ErrorHook;
}

function withLastSerial(transport: Transport, lastSerial: number): Transport {
  return new Proxy(transport, {
    get(target, key) {
      if (key === "lastSerial") return lastSerial;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** Runs one of the programs in `programs/` in a separate process. */
export function spawnProgram(name: string, ...args: readonly string[]): ChildProcess {
  const program = fileURLToPath(new URL(`programs/${name}.ts`, import.meta.url));
  const child = spawn(process.execPath, [...programArguments(program), ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  return endsWithUs(child);
}

/** Kills a process when this one exits. */
export function endsWithUs<Child extends ChildProcess>(child: Child): Child {
  const kill = (): void => void child.kill("SIGKILL");
  process.on("exit", kill);
  child.once("exit", () => process.off("exit", kill));
  return child;
}

/** Listens to a diagnostics channel of the runtime. Returns a function that removes the listener. */
export function onDiagnostic<Name extends keyof DiagnosticEvents>(
  name: Name,
  listener: (event: DiagnosticEvents[Name]) => void,
): () => void {
  // DiagnosticEvents is the type of the events on the channel.
  const onMessage = (event: unknown): void => listener(event as DiagnosticEvents[Name]);
  subscribe(name, onMessage);
  return () => void unsubscribe(name, onMessage);
}

/** Returns the next line that a program prints. Rejects if the program ends before. */
export function nextLine({ stdout, exitCode }: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    if (stdout === null || exitCode !== null) return reject(new Error("the program has ended"));
    let text = "";
    const onData = (chunk: Buffer): void => {
      text += chunk.toString();
      const end = text.indexOf("\n");
      if (end < 0) return;
      stdout.off("data", onData);
      stdout.off("end", onEnd);
      resolve(text.slice(0, end));
    };
    const onEnd = (): void => reject(new Error(`the program ended after printing ${JSON.stringify(text)}`));
    stdout.on("data", onData);
    stdout.once("end", onEnd);
  });
}

/** Resolves when a condition holds; rejects after 60 seconds. */
export async function until(event: string, condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`this did not happen within 60 seconds: ${event}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Returns the percentile of values, such as 0.99. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Returns a number of milliseconds as text. */
export const ms = (value: number): string => `${value.toFixed(value < 10 ? 2 : 0)} ms`;
