import { writeSync } from "node:fs";
import type { Result } from "../result.ts";

const STANDARD_OUTPUT = 1;

/**
 * Runs a check and reports its result.
 *
 * @param check - Returns what was observed. Rejects if that is not as expected.
 */
export type Check = (name: string, check: () => Promise<string>) => Promise<void>;

/** A group of checks that share daemons. */
export interface Group {
  readonly name: string;
  run(check: Check): Promise<void>;
}

/** Runs the checks of a group. An error outside of the checks is a failed check. */
export async function runGroup({ name: group, run }: Group): Promise<void> {
  const report = (result: Omit<Result, "group">): void => writeLine(JSON.stringify({ group, ...result }));
  const check: Check = async (name, observe) => {
    const startMs = performance.now();
    const [hasPassed, detail] = await observe().then(
      (observed) => [true, observed] as const,
      (error: unknown) => [false, String(error instanceof Error ? error.stack : error)] as const,
    );
    report({ name, hasPassed, detail, durationMs: performance.now() - startMs });
  };
  try {
    await run(check);
  } catch (error) {
    await check("all checks are run", () => Promise.reject(error));
  }
}

/** Writes a line that the host reads. */
export function writeLine(line: string): void {
  writeSync(STANDARD_OUTPUT, `${line}\n`);
}
