import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { syntheticSpec } from "./synthetic.ts";

/** Measures time and memory of the generator on synthetic interfaces, next to other generators. */

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const CAP_MS = 60_000;
const [SMALL, LARGE] = [200, 2000] as const;

/** Program of a separate process, so that the peak memory is that of the generator alone. */
const CHILD = `
import { readdirSync, readFileSync } from "node:fs";
const [folder] = process.argv.slice(1);
const started = performance.now();
const { generate } = await import(${JSON.stringify(join(ROOT, "generator/dist/index.js"))});
const sources = readdirSync(folder).map((path) => ({ path, content: readFileSync(folder + "/" + path) }));
const { files, diagnostics } = await generate(sources);
const ms = performance.now() - started;
const bytes = files.reduce((sum, { text }) => sum + text.length, 0);
if (diagnostics.length > 0 || files.length !== sources.length) throw new Error("the specs are not fine");
const { user, system } = process.cpuUsage();
console.log(JSON.stringify({ ms, cpu: (user + system) / 1000, bytes, peak: process.resourceUsage().maxRSS * 1024 }));
`;

interface Run {
  readonly ms: number;
  /** CPU time in milliseconds, including parallel garbage collection. */
  readonly cpu: number;
  readonly bytes: number;
  readonly peak: number;
}

interface Peer {
  readonly name: string;
  /** Returns the command lines for the specs: one for all files, or one per file. */
  commands(specs: readonly string[], out: string): readonly (readonly string[])[];
  /** Returns a type for the argument at a position, in place of types that the other generator does not support. */
  readonly type?: (position: number) => string;
}

const PEERS: readonly Peer[] = [
  {
    name: "gdbus-codegen",
    commands: (specs, out) => [["--generate-c-code", "code", "--output-directory", out, ...specs]],
  },
  {
    name: "qdbusxml2cpp",
    commands: (specs, out) =>
      specs.map((spec, i) => ["-p", join(out, `proxy${i}`), "-a", join(out, `adaptor${i}`), spec]),
    // qdbusxml2cpp accepts structs and dictionaries only with annotations.
    type: (position) => ["s", "u", "as", "o", "x", "ay", "b", "d"][position % 8] ?? "s",
  },
  {
    name: "sdbus-c++-xml2cpp",
    commands: (specs, out) =>
      specs.map((spec, i) => [`--proxy=${join(out, `proxy${i}.h`)}`, `--adaptor=${join(out, `adaptor${i}.h`)}`, spec]),
  },
];

const folder = mkdtempSync(join(tmpdir(), "dbus-codegen-bench-"));
try {
  const build = ["node_modules/typescript/bin/tsc", "-b", "generator"];
  if (spawnSync(process.execPath, build, { cwd: ROOT, stdio: "ignore" }).status !== 0)
    console.log("`tsc -b generator` fails: this measures what it leaves.\n");
  const [small, large] = [ours(SMALL), ours(LARGE)];
  const ratio = large.ms / LARGE / (small.ms / SMALL);
  const help = median(
    Array.from({ length: 10 }, () => timed("node", [join(ROOT, "generator/bin/dbus-codegen.js"), "--help"])),
  );

  console.log(
    "Synthetic interfaces of 10 methods, 5 signals, 5 properties, one a file: read, checked, generated, printed.\n",
  );
  table(
    ["dbus-codegen", "result", "goal", ""],
    [
      [`${SMALL} interfaces`, seconds(small.ms), "", `${seconds(small.cpu)} of CPU, ${megabytes(small.peak)} peak`],
      [`${LARGE} interfaces`, seconds(large.ms), "< 10 s", `${met(large.ms < 10_000)}, ${seconds(large.cpu)} of CPU`],
      ["peak memory", megabytes(large.peak), "< 1500 MB", met(large.peak < 1.5e9)],
      [`cost per interface, ${LARGE} to ${SMALL}`, ratio.toFixed(2), "<= 1.5", met(ratio <= 1.5)],
      ["--help, median of 10", `${help.toFixed(0)} ms`, "< 150 ms", met(help < 150)],
    ],
  );
  const rows = PEERS.map((peer) => {
    if (spawnSync("which", [peer.name]).status !== 0) return [peer.name, "not installed"];
    const [of200, of2000] = [theirs(peer, SMALL), theirs(peer, LARGE)];
    return [peer.name, show(of200), times(of200, small.ms), show(of2000), times(of2000, large.ms)];
  });
  table(
    ["beside it", `${SMALL}`, "to ours", `${LARGE}`, "to ours"],
    [["dbus-codegen", seconds(small.ms), "1.0", seconds(large.ms), "1.0"], ...rows],
  );
  console.log(
    "gdbus-codegen: C code, one call. The others: proxy and adaptor, a call for each file, as they take only one;",
  );
  console.log("qdbusxml2cpp without the structs and dictionaries, which it refuses.");
} finally {
  rmSync(folder, { recursive: true });
}

/** Returns the median of three runs, by time. */
function ours(count: number): Run {
  const specs = join(folder, `specs-${count}`);
  writeSpecs(specs, count);
  const runs = Array.from(
    { length: 3 },
    (): Run =>
      JSON.parse(execFileSync(process.execPath, ["--input-type=module", "-e", CHILD, specs], { encoding: "utf8" })),
  );
  const [, middle] = runs.toSorted((a, b) => a.ms - b.ms);
  if (middle === undefined) throw new Error("nothing ran");
  return middle;
}

/** Returns the time of another generator, undefined if it takes longer than the limit, or the error text if it fails. */
function theirs({ name, commands, type }: Peer, count: number): number | string | undefined {
  const specs = join(folder, `specs-${name}-${count}`);
  const out = join(folder, `out-${name}-${count}`);
  mkdirSync(out);
  const started = performance.now();
  for (const command of commands(writeSpecs(specs, count, type), out)) {
    const left = Math.ceil(CAP_MS - (performance.now() - started));
    if (left <= 0) return undefined;
    const { status, signal, stderr } = spawnSync(name, command, { timeout: left, encoding: "utf8" });
    if (signal !== null) return undefined;
    if (status !== 0) return `fails: ${stderr.trim().split("\n", 1)}`;
  }
  return performance.now() - started;
}

function writeSpecs(into: string, count: number, type?: (position: number) => string): readonly string[] {
  mkdirSync(into, { recursive: true });
  return Array.from({ length: count }, (_, index) => {
    const path = join(into, `interface${index}.xml`);
    writeFileSync(path, syntheticSpec(index, type));
    return path;
  });
}

function timed(command: string, args: readonly string[]): number {
  const started = performance.now();
  execFileSync(command, args);
  return performance.now() - started;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => (row[column] ?? "").length)));
  for (const row of [head, widths.map((width) => "-".repeat(width)), ...rows])
    console.log(
      widths
        .map((width, column) => (row[column] ?? "").padEnd(width))
        .join("  ")
        .trimEnd(),
    );
  console.log();
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}

function met(isMet: boolean): string {
  return isMet ? "met" : "NOT MET";
}

function show(result: number | string | undefined): string {
  return result === undefined ? `> ${CAP_MS / 1000} s` : typeof result === "string" ? result : seconds(result);
}

function times(result: number | string | undefined, base: number): string {
  if (typeof result === "string") return "";
  return result === undefined ? `> ${(CAP_MS / base).toFixed(0)}` : (result / base).toFixed(1);
}
