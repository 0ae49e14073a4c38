import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";

const execute = promisify(execFile);

/**
 * Milliseconds that `until` waits. Wi-Fi devices and their daemons repeat failed attempts after up to half a minute.
 */
const TIMEOUT_MS = 60_000;
const MIN_INTERVAL_MS = 50;
const MAX_INTERVAL_MS = 2_000;

/** Runs a program. Returns its standard output; rejects with its standard error. */
export async function run(program: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await execute(program, args, { timeout: TIMEOUT_MS, maxBuffer: 16 * 1024 * 1024 });
  return stdout.trim();
}

/** Runs the `ip` command. */
export const ip = (...args: readonly string[]): Promise<string> => run("ip", ...args);

/** Starts a program. It runs until it is killed, at the latest until the machine ends. */
export function start(program: string, ...args: readonly string[]): ChildProcess {
  return spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
}

/** Ends a program. */
export async function stop(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  await once(child, "exit");
}

/** Returns the first output of a program. */
export async function firstOutput(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error("the program has no output");
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`${child.spawnfile} ended with ${code}`);
  });
  const [chunk] = await Promise.race([once(child.stdout, "data"), ended]);
  return String(chunk).trim();
}

/** Waits until a condition returns a value other than undefined, null and false. Returns the value. */
export async function until<T>(
  what: string,
  condition: () => T | Promise<T>,
  timeoutMs = TIMEOUT_MS,
): Promise<NonNullable<T>> {
  const end = performance.now() + timeoutMs;
  // The clock skips idle time, and conditions may run programs: few attempts take the least time.
  for (let intervalMs = MIN_INTERVAL_MS; ; intervalMs = Math.min(2 * intervalMs, MAX_INTERVAL_MS)) {
    const value = await condition();
    if (value !== undefined && value !== null && value !== false) return value;
    if (performance.now() > end) throw new Error(`not within ${timeoutMs / 1000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}
