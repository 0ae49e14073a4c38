// Boots Debian 12 with systemd, virtual radios and Bluetooth controllers in an emulator, and runs checks with its daemons.
// Usage: npm run peers -- virtual-machine [parts of names of groups…]
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { preparedImage, whyNoMachine } from "./virtual-machine/image.ts";
import { boot } from "./virtual-machine/machine.ts";
import { writePrograms } from "./virtual-machine/programs-disk.ts";
import { GROUPS, type GroupName, type Report, type Result } from "./virtual-machine/result.ts";
import { counts, summary } from "./virtual-machine/table.ts";

/**
 * Milliseconds after which the machine is switched off. On a busy machine, the emulator is several times slower than on
 * an idle one.
 */
const TIMEOUT_MS = 3_600_000;
/** Milliseconds without output after which the name of the present check is printed. */
const QUIET_MS = 30_000;

const startMs = performance.now();
const seconds = (): string => `${((performance.now() - startMs) / 1000).toFixed(0)} s`.padStart(7);
const print = (line: string): void => void process.stdout.write(`${line}\n`);

// The emulator ends with this process.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));

const parts = process.argv.slice(2);
const groups = GROUPS.filter((name) => parts.length === 0 || parts.some((part) => name.includes(part)));
const missing = whyNoMachine();
if (groups.length === 0) fail(`no group is named ${parts.join(" ")}; groups: ${GROUPS.join(", ")}`);
else if (missing === undefined) await checkInMachine(groups);
else for (const group of groups) print(`${group.padEnd(18)}skipped: ${missing}`);

async function checkInMachine(chosen: readonly GroupName[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "virtual-machine-"));
  const console = join(folder, "console");
  const results: Result[] = [];
  let isComplete = false;
  let present = "the machine boots";
  const progress = setInterval(() => print(`${seconds()}  …  ${present}`), QUIET_MS);
  try {
    const image = preparedImage(print);
    const programs = writePrograms(folder, chosen);
    print(`${seconds()}  boots; messages of the machine: ${console}`);
    for await (const line of boot({ image, programs, console, timeoutMs: TIMEOUT_MS })) {
      const report: Report = JSON.parse(line);
      if (report.kind === "end") isComplete = true;
      else if (report.kind === "begin") present = `${report.row.group}: ${report.row.name}`;
      else {
        results.push(report.result);
        printResult(report.result);
      }
      progress.refresh();
    }
    if (!isComplete) fail(`the machine ended before its checks did: ${present}`);
  } catch (error) {
    fail(`${error instanceof Error ? error.message : error}: ${present}`);
  }
  clearInterval(progress);
  print(["", ...summary(chosen, results), `${"all".padEnd(18)}${counts(results)}; ${seconds().trim()}`].join("\n"));
  if (results.some(({ status }) => status === "failed")) process.exitCode = 1;
  if (process.exitCode === undefined) await rm(folder, { recursive: true });
}

function printResult({ group, name, status, detail, durationMs }: Result): void {
  const clock = `${(durationMs / 1000).toFixed(1)} s`.padStart(8);
  print(`${seconds()}  ${status.padEnd(8)}${group.padEnd(15)}${name.padEnd(56)}${clock}  ${detail}`);
}

function fail(reason: string): void {
  print(`failed: ${reason}`);
  process.exitCode = 1;
}
