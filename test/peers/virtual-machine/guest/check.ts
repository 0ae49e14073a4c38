import { spawnSync } from "node:child_process";
import { writeSync } from "node:fs";
import type { GroupName, Report, Result } from "../result.ts";

const STANDARD_OUTPUT = 1;

const JOURNAL_LINES = 80;

/** Milliseconds that a check may take, by the clock of the machine, which skips the time in which nothing happens. */
const TIMEOUT_MS = 300_000;

/**
 * Runs a check and reports its result.
 *
 * @param check - Returns what was observed. Rejects if the observation is not as expected.
 * @returns Whether the check passed.
 */
export type Check = (name: string, check: () => Promise<string>) => Promise<boolean>;

/** A group of checks that share daemons. */
export interface Group {
  readonly name: GroupName;
  run(check: Check): Promise<void>;
}

/** Reason why the machine cannot run a check. */
export class Skipped extends Error {}

/** Runs the checks of a group. An error outside of the checks is a failed check. */
export async function runGroup({ name: group, run }: Group): Promise<void> {
  const check: Check = async (name, observe) => {
    report({ kind: "begin", row: { group, name } });
    const startMs = performance.now();
    const outcome = await inTime(observe()).then(passed, notPassed);
    report({ kind: "result", result: { group, name, ...outcome, durationMs: performance.now() - startMs } });
    if (outcome.status === "failed") printJournal(name);
    return outcome.status === "passed";
  };
  try {
    await run(check);
  } catch (error) {
    await check("all checks are run", () => Promise.reject(error));
  }
}

/** Prints the last messages of services on the console. */
function printJournal(name: string): void {
  const script = `{ echo "failed: $1"; journalctl --no-pager --boot --output=short-monotonic --lines=${JOURNAL_LINES}; } >/dev/console`;
  spawnSync("sh", ["-c", script, "sh", name]);
}

/** Writes a line that the host reads. */
export function report(line: Report): void {
  writeSync(STANDARD_OUTPUT, `${JSON.stringify(line)}\n`);
}

type Outcome = Pick<Result, "status" | "detail">;

const passed = (detail: string): Outcome => ({ status: "passed", detail });

function notPassed(error: unknown): Outcome {
  if (error instanceof Skipped) return { status: "skipped", detail: error.message };
  return { status: "failed", detail: String(error instanceof Error ? error.stack : error) };
}

async function inTime<T>(promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it has not ended after ${TIMEOUT_MS / 1000} s`)), TIMEOUT_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
