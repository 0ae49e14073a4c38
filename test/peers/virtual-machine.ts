// Boots Debian 12 with systemd, virtual radios and Bluetooth controllers in an emulator, and runs checks with its daemons.
// Usage: npm run peers -- virtual-machine [part of a group's name]
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { preparedImage, whyNoMachine } from "./virtual-machine/image.ts";
import { boot } from "./virtual-machine/machine.ts";
import { writePrograms } from "./virtual-machine/programs-disk.ts";
import { END, type Result } from "./virtual-machine/result.ts";

/** On a busy machine, the emulator is several times slower than on an idle one. */
const TIMEOUT_MS = 1_800_000;

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const secondsSince = (startMs: number): string => `${((performance.now() - startMs) / 1000).toFixed(0)} s`;

// The emulator ends with this process.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));

const missing = whyNoMachine();
if (missing === undefined) await checkInMachine(process.argv[2] ?? "");
else print(`skipped: ${missing}`);

async function checkInMachine(part: string): Promise<void> {
  const startMs = performance.now();
  const image = preparedImage(print);
  const folder = await mkdtemp(join(tmpdir(), "virtual-machine-"));
  const console = join(folder, "console");
  try {
    const programs = writePrograms(folder, part);
    print(`image and programs after ${secondsSince(startMs)}; messages of the machine: ${console}`);
    let isComplete = false;
    for await (const line of boot({ image, programs, console, timeoutMs: TIMEOUT_MS })) {
      if (line === END) isComplete = true;
      else printResult(JSON.parse(line));
    }
    if (!isComplete) throw new Error("the machine ended before its checks did");
    print(`${secondsSince(startMs)} in total`);
    if (process.exitCode === undefined) await rm(folder, { recursive: true });
  } catch (error) {
    print(`failed   ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}

function printResult({ group, name, hasPassed, detail, durationMs }: Result): void {
  const status = hasPassed ? "passed" : "failed";
  print(`${status}   ${group.padEnd(16)}${name.padEnd(56)}${(durationMs / 1000).toFixed(1).padStart(6)} s  ${detail}`);
  if (!hasPassed) process.exitCode = 1;
}
