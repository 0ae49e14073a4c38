import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { main } from "../../generator/cli/main.ts";
import { introspect } from "../../generator/tools/introspect/introspect.ts";
import { randomShape, SHAPES, type Shape } from "./hostile-shapes.ts";

/**
 * `npm run fuzz -- time [count] [first seed]`: runs specs of growing size through all commands. Fails if doubling the
 * size more than triples the processor time, or if 1 MiB would take more than 5 s. Environment variables: ONLY selects
 * shapes by a part of their names, FROM is the number of shapes to skip, and BYTES is the largest size.
 */
const [count = 30, firstSeed = 0] = process.argv.slice(2).map(Number);
const only = process.env["ONLY"];
const from = Number(process.env["FROM"] ?? 0);
const BYTES = Number(process.env["BYTES"] ?? 2 ** 19);
const MAX_MS = 5_000;
const MAX_GROWTH = 3;
/** Number of measurements of a shape that seems slow. */
const MAX_RUNS = 3;
/** Shortest time whose growth is measured. Below it, fixed costs and garbage collection matter more than the size. */
const MIN_MS = 400;

/** Command lines in a folder with the spec and a similar spec of the same size. */
const COMMANDS: readonly (readonly string[])[] = [
  ["generate", "specs", "-o", "out"],
  ["generate", "specs", "-o", "out", "--check"],
  ["generate", "similar", "-o", "out", "--check"],
  [
    "generate",
    "specs",
    "-o",
    "out2",
    "--rename",
    "a.b.C.Name1=x",
    "--annotate",
    "a.b.*() org.example.Mark=yes",
    "--format",
    "json",
  ],
  ["lint", "specs"],
  ["lint", "specs", "--format", "sarif"],
  ["breaking", "specs", "--against", "similar"],
  ["docs", "specs", "-o", "html"],
  ["docs", "specs", "-o", "markdown", "--format", "markdown"],
  ["docs", "similar", "-o", "markdown", "--format", "markdown", "--check"],
  ["init", "service", "a.b.C", "project", "--spec", "specs"],
  ["mock", "specs", "--bus", "unix:path=/nowhere"],
  ["conform", "a.b.C", "/a", "specs", "--bus", "unix:path=/nowhere"],
];

let failures = 0;
const shapes = SHAPES.slice(from);
for (const shape of shapes) await measure(shape);
for (let seed = firstSeed; seed < firstSeed + count; seed++) await measure(randomShape(seed));
console.log(`${shapes.length + count} shapes, ${failures} failures`);
process.exitCode = failures === 0 ? 0 : 1;

/** Measures all commands with a shape in two sizes and prints the failures. */
async function measure(shape: Shape): Promise<void> {
  if (only !== undefined && !shape.name.includes(only)) return;
  const [small, large] = [new Map<string, number>(), new Map<string, number>()];
  let slow: readonly string[] = [];
  // Other programs make a run slower, never faster, so the shortest of several times counts.
  for (let run = 0; run < MAX_RUNS && (run === 0 || slow.length > 0); run++) {
    keepShortest(large, await timesOf(shape.build(BYTES)));
    if (Math.max(...large.values()) <= Math.min(MAX_GROWTH * MIN_MS, MAX_MS)) break;
    keepShortest(small, await timesOf(shape.build(BYTES / 2)));
    slow = [...large].flatMap(([command, largeMs]) => {
      const smallMs = small.get(command) ?? 0;
      const isSlow = largeMs > MAX_GROWTH * Math.max(smallMs, MIN_MS) || largeMs * (2 ** 20 / BYTES) > MAX_MS;
      return isSlow ? [`  ${smallMs.toFixed(0)} → ${largeMs.toFixed(0)} ms  ${command}`] : [];
    });
  }
  failures += slow.length;
  const totalMs = [...large.values()].reduce((sum, ms) => sum + ms, 0);
  console.log([`${shape.name}: ${totalMs.toFixed(0)} ms`, ...slow].join("\n"));
}

function keepShortest(times: Map<string, number>, others: ReadonlyMap<string, number>): void {
  for (const [command, ms] of others) times.set(command, Math.min(ms, times.get(command) ?? ms));
}

/** Returns the processor time of each command for a spec, in milliseconds. */
async function timesOf(spec: string): Promise<ReadonlyMap<string, number>> {
  const cwd = await mkdtemp(join(tmpdir(), "dbus-codegen-"));
  try {
    for (const [folder, content] of Object.entries({ specs: spec, similar: spec.replaceAll("Name", "Mame") })) {
      await mkdir(join(cwd, folder));
      await writeFile(join(cwd, folder, "a.xml"), content);
    }
    const times = new Map<string, number>();
    for (const argv of COMMANDS) times.set(argv.join(" "), await cpuMs(() => run(argv, cwd)));
    const bus = { call: async () => [spec] };
    times.set("introspect", await cpuMs(() => introspect(bus, "a.b", "/", { maxObjects: 3 })));
    return times;
  } finally {
    await rm(cwd, { recursive: true });
  }
}

async function run(argv: readonly string[], cwd: string): Promise<void> {
  let error = "";
  await main(argv, {
    cwd,
    writeOutput: () => {},
    writeError: (text) => {
      error = text;
    },
    colorError: false,
    stdin: async function* () {},
  });
  if (error.includes("dbus-codegen: internal error")) throw new Error(`${argv.join(" ")}: ${error}`);
}

async function cpuMs(task: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await task();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
