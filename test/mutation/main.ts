import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { AREAS, type Area } from "./areas.ts";
import { EQUIVALENTS } from "./equivalents.ts";
import { changedLines, type Mutant, mutantsOf } from "./mutants.ts";
import type { Reach, Request, Response } from "./run-mutants.ts";

// Mutation testing: changes one place of a source file at a time and expects a unit test to fail. The files are changed
// only in memory. Usage: npm run mutation -- <area> [mutants, 0 for all] [seed]. Prints each mutant with the test that
// failed. Mutants in equivalents.ts are left out.

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Processor time in milliseconds that a test file may take, in addition to a multiple of the time that it takes without
 * a mutant. A mutant that takes longer, such as an endless loop, is killed.
 */
const FILE_CPU_MS = 3_000;
const FILE_CPU_FACTOR = 3;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function textOf(file: string): string {
  return readFileSync(join(ROOT, file), "utf8");
}

/** Returns the TypeScript files of a folder and its subfolders, sorted. */
function filesIn(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => `${folder}/${path}`)
    .sort();
}

/** Returns the mutants of an area that a test can notice. */
function mutantsOfArea({ sources }: Area): readonly Mutant[] {
  const files = sources.flatMap((path) => (path.endsWith(".ts") ? [path] : filesIn(path)));
  return files.flatMap((file) => {
    const text = textOf(file);
    const isEquivalent = new Set(
      EQUIVALENTS.filter((equivalent) => equivalent.file === file).flatMap(({ mutants }) =>
        mutants.map((lines) => lines.join("\n")),
      ),
    );
    return mutantsOf(file, text).filter((mutant) => {
      const [from, to] = changedLines(text, mutant);
      return !isEquivalent.has(`${from}\n${to}`) && !isEquivalent.has(`${from}\n*`);
    });
  });
}

/** Returns a pseudo-random sequence of numbers below 1 (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Returns a random selection of mutants, in the order of the sources. */
function select(mutants: readonly Mutant[], count: number, seed: number): readonly Mutant[] {
  if (count === 0 || count >= mutants.length) return mutants;
  const random = randomNumbers(seed);
  const drawn = new Set<Mutant>();
  while (drawn.size < count) {
    const mutant = mutants[Math.floor(random() * mutants.length)];
    if (mutant !== undefined) drawn.add(mutant);
  }
  return mutants.filter((mutant) => drawn.has(mutant));
}

/** Returns the processor time of a process, or 0 where Linux' `/proc` does not report it. */
function cpuMsOf(pid: number | undefined): number {
  try {
    // The name in parentheses can contain blanks. After it, the times are the 12th and 13th fields, in hundredths of a second.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
    return 10 * (Number(fields[11]) + Number(fields[12]));
  } catch {
    return 0;
  }
}

/** Results of a mutant whose tests take too long, or end their process. */
const TIMEOUT = "a timeout";
const PROCESS_END = "the end of the process";

/** A process that runs the tests of one mutant after another. */
class TestProcess {
  readonly #process: ChildProcess = fork(join(ROOT, "test/mutation/run-mutants.ts"), {
    execArgv: [...process.execArgv, "--max-old-space-size=1000"],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });

  /** Whether the process has ended. Code that the tests of a mutant started can end it also after the tests. */
  get hasEnded(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  /** Returns the response to a request; `TIMEOUT` or `PROCESS_END` if the process ends before. */
  async request(request: Request): Promise<Response | string> {
    let limitMs = Number.POSITIVE_INFINITY;
    let isLate = false;
    const timer = setInterval(() => {
      if (cpuMsOf(this.#process.pid) < limitMs) return;
      isLate = true;
      this.end();
    }, 200);
    const settled = new AbortController();
    const response = new Promise<Response>((resolve) => {
      const onMessage = (message: Response): void => {
        if (message.kind !== "file") resolve(message);
        else limitMs = cpuMsOf(this.#process.pid) + FILE_CPU_MS + FILE_CPU_FACTOR * message.cpuMs;
      };
      this.#process.on("message", onMessage);
      settled.signal.addEventListener("abort", () => this.#process.off("message", onMessage));
    });
    const end = once(this.#process, "exit", settled).then(() => (isLate ? TIMEOUT : PROCESS_END));
    this.#process.send(request);
    try {
      return await Promise.race([response, end]);
    } finally {
      clearInterval(timer);
      settled.abort();
    }
  }

  end(): void {
    this.#process.kill("SIGKILL");
  }
}

const [areaName = "", count = "0", seed = "1"] = process.argv.slice(2);
const area = Object.hasOwn(AREAS, areaName) ? AREAS[areaName] : undefined;
if (area === undefined) throw new Error(`areas: ${Object.keys(AREAS).join(", ")}`);
const mutants = select(mutantsOfArea(area), Number(count), Number(seed));
const testPaths = area.tests
  .flatMap(filesIn)
  .filter((path) => path.endsWith(".test.ts") && !/\.(bus|system)\.test\.ts$/.test(path));

let tests = new TestProcess();
// A process in an endless loop does not notice the end of this one.
process.on("exit", () => tests.end());
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1));
const first = await tests.request({ kind: "start", mutants, testPaths });
if (typeof first === "string" || first.kind !== "reach") throw new Error(`${first}`);
const reach: Reach = first.reach;

let survivors = 0;
let unreached = 0;
let timeouts = 0;
for (const [index, mutant] of mutants.entries()) {
  const text = textOf(mutant.file);
  const [from, to] = changedLines(text, mutant);
  const line = text.slice(0, mutant.start).split("\n").length;
  const place = `${mutant.file}:${line}: ${from}  →  ${to}`;
  const files = reach.filter(({ reaching }) => index in reaching);
  if (files.length === 0) {
    survivors++;
    unreached++;
    print(`UNREACHED ${place}`);
    continue;
  }
  if (tests.hasEnded) tests = new TestProcess();
  const request: Request = { kind: "mutant", mutant, index, reach: files };
  let result = await tests.request(request);
  if (result === PROCESS_END) {
    // What the tests of another mutant started can be the cause.
    tests = new TestProcess();
    result = await tests.request(request);
  }
  if (result === TIMEOUT) timeouts++;
  const killer = typeof result === "string" ? result : result.kind === "result" ? result.killer : undefined;
  if (killer === undefined) survivors++;
  print(killer === undefined ? `SURVIVED  ${place}` : `killed    ${place} (${killer.replaceAll("\n", " ")})`);
}
tests.end();
const killed = mutants.length - survivors;
const percent = ((100 * killed) / mutants.length).toFixed(1);
print(
  `${areaName}: ${killed} of ${mutants.length} mutants killed (${percent} %), ${timeouts} of them by a timeout; ${unreached} not reached by a test`,
);
