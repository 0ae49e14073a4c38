import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bus, connect } from "@dbus-codegen-ts/runtime";
import { startPrivateBus } from "../../setup/private-bus.ts";

/** A daemon that serves an API of the catalogue on a private bus. */
export interface RunningDaemon extends AsyncDisposable {
  /** Address of the bus, which is session bus and system bus of the daemon. */
  readonly address: string;
  readonly bus: Bus;
}

/** How a daemon is started. */
export interface DaemonCommand {
  /** Programs and files that must exist. */
  readonly needs: readonly string[];
  /** Returns the command line. `home` is an empty temporary folder, which is also `HOME`. */
  readonly command: (home: string) => readonly string[];
  /** Bus name that the daemon owns when it is ready. */
  readonly busName: string;
  /** Standard input of the daemon. */
  readonly input?: string;
  /** Starts what the daemon needs on the bus. */
  readonly prepare?: (bus: Bus, home: string) => Promise<void>;
}

/** Milliseconds in which a daemon must own its name. */
const START_TIMEOUT_MS = 15_000;

/** Returns why a daemon cannot be started; undefined if it can. */
export function whyNot(needs: readonly string[]): string | undefined {
  if (process.getuid?.() !== 0) return "needs root";
  const missing = needs.filter((path) => !existsSync(path));
  return missing.length === 0 ? undefined : `not installed: ${missing.join(", ")}`;
}

/** Starts a daemon on a private bus. Rejects with the output of the daemon if it does not own its bus name in time. */
export async function startDaemon({ command, busName, input, prepare }: DaemonCommand): Promise<RunningDaemon> {
  const home = await mkdtemp(join(tmpdir(), "daemon-"));
  const privateBus = await startPrivateBus({ everyUser: true });
  const { address } = privateBus;
  const bus = await connect({ bus: address });
  await prepare?.(bus, home);
  const [program = "", ...args] = command(home);
  const env = { ...process.env, HOME: home, XDG_RUNTIME_DIR: home, LC_ALL: "C", DBUS_SESSION_BUS_ADDRESS: address };
  const child = spawn(program, args, { env: { ...env, DBUS_SYSTEM_BUS_ADDRESS: address }, detached: true });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += String(chunk)));
  child.stdin.end(input);
  const stop = async (): Promise<void> => {
    await bus.close();
    await end(child);
    await privateBus.stop();
    await rm(home, { recursive: true, force: true });
  };
  try {
    await untilOwned(bus, busName, child);
  } catch (error) {
    await stop();
    throw new Error(`${error instanceof Error ? error.message : error}\n${output}`);
  }
  return { address, bus, [Symbol.asyncDispose]: stop };
}

async function untilOwned(bus: Bus, name: string, child: ChildProcess): Promise<void> {
  const owned = new Promise<void>((resolve) => {
    void bus.watchName(name, (owner) => {
      if (owner !== undefined && owner !== "") resolve();
    });
  });
  const timeout = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error(`${name} has no owner`)), START_TIMEOUT_MS).unref();
  });
  const exit = once(child, "exit").then(([code]) => {
    throw new Error(`the daemon ended with ${code}`);
  });
  await Promise.race([owned, timeout, exit]);
}

/** Ends a process and its children. */
async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    try {
      process.kill(-child.pid, signal);
    } catch {
      return;
    }
    if (signal === "SIGKILL") break;
    const isOver = await Promise.race([exited.then(() => true), new Promise((resolve) => setTimeout(resolve, 3000))]);
    if (isOver === true) return;
  }
  await exited;
}
