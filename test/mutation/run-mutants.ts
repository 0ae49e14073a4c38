import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { createServer, createServerModuleRunner, defaultServerConditions } from "vite";
import { expect } from "vitest";
import { startTests } from "vitest/internal/browser";
import { type Mutant, mutated, recordReached } from "./mutants.ts";

/** A test file, with the tests in it that run each mutant. */
interface TestFile {
  readonly path: string;
  readonly cpuMs: number;
  /** Tests that run the expression of a mutant, by the index of the mutant. "all" if the import of the file runs it. */
  readonly reaching: Readonly<Record<number, readonly string[] | "all">>;
}

/** Test files that reach mutants, fastest first. */
export type Reach = readonly TestFile[];

/** Request to find out which tests reach which mutants. */
interface StartRequest {
  readonly kind: "start";
  readonly mutants: readonly Mutant[];
  readonly testPaths: readonly string[];
}

/** Request to run the tests that reach a mutant. */
interface MutantRequest {
  readonly kind: "mutant";
  readonly mutant: Mutant;
  readonly index: number;
  readonly reach: Reach;
}

/** Message from the parent process. */
export type Request = StartRequest | MutantRequest;

/** Message to the parent process. */
export type Response =
  | { readonly kind: "reach"; readonly reach: Reach }
  /** A test file begins. `cpuMs` is the processor time that it took without the mutant. */
  | { readonly kind: "file"; readonly cpuMs: number }
  | { readonly kind: "result"; readonly killer: string | undefined };

type Runner = Parameters<typeof startTests>[1];

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const RUNNER_CONFIG: Runner["config"] = {
  root: ROOT,
  setupFiles: [],
  name: undefined,
  passWithNoTests: true,
  testNamePattern: undefined,
  allowOnly: false,
  sequence: { seed: 1, hooks: "stack", setupFiles: "list" },
  chaiConfig: undefined,
  maxConcurrency: 1,
  testTimeout: 600_000,
  hookTimeout: 600_000,
  retry: 0,
  includeTaskLocation: false,
  tags: [],
  tagsFilter: undefined,
  strictTags: false,
};

/** Texts that replace source files, by path: a source with a mutant, or sources that record which expressions run. */
const changedSources = new Map<string, string>();

const server = await createServer({
  configFile: false,
  root: ROOT,
  logLevel: "error",
  server: { middlewareMode: true, watch: null, hmr: false, ws: false },
  optimizeDeps: { noDiscovery: true },
  oxc: { target: "node20" },
  ssr: { resolve: { conditions: ["@dbus-codegen-ts/source", ...defaultServerConditions] } },
  plugins: [{ name: "mutant", enforce: "pre", load: (id) => changedSources.get(id) }],
});
const modules = createServerModuleRunner(server.environments.ssr, { hmr: false, sourcemapInterceptor: false });

/** Makes the next import of a test file evaluate a source, and all modules that import it, a second time. */
function forget(sources: Iterable<string>): void {
  const visited = new Set<string>();
  const visit = (id: string): void => {
    const module = modules.evaluatedModules.getModuleById(id);
    if (module === undefined || visited.has(id)) return;
    visited.add(id);
    for (const importer of module.importers) visit(importer);
    module.evaluated = false;
    module.promise = undefined;
    module.exports = undefined;
  };
  for (const source of sources) visit(source);
}

/**
 * Replaces the texts of sources. Modules that contain the sources, or sources that were replaced before, are evaluated
 * a second time at their next import.
 */
function changeSources(next: ReadonlyMap<string, string>): void {
  const changed = new Set([...changedSources.keys(), ...next.keys()]);
  changedSources.clear();
  for (const [source, text] of next) changedSources.set(source, text);
  forget(changed);
  for (const source of changed) {
    for (const module of server.environments.ssr.moduleGraph.getModulesByFile(source) ?? []) {
      server.environments.ssr.moduleGraph.invalidateModule(module);
    }
    const module = modules.evaluatedModules.getModuleById(source);
    if (module !== undefined) modules.evaluatedModules.invalidateModule(module);
  }
}

// Vitest's fake timers and matchers read this in the processes that Vitest starts.
Object.assign(globalThis, { __vitest_worker__: { config: { fakeTimers: {}, expect: {} } } });

let unhandled: string | undefined;
process.on("unhandledRejection", (error) => (unhandled = `an unhandled rejection: ${error}`));
process.on("uncaughtException", (error) => (unhandled = `an unhandled error: ${error}`));

/** Runs tests of a file until one fails. Returns the name of that test. */
async function runFile(
  path: string,
  isSelected: (test: string) => boolean,
  onTestEnd: (test: string) => void = () => undefined,
  onImported: () => void = () => undefined,
): Promise<string | undefined> {
  let failure: string | undefined;
  unhandled = undefined;
  forget([join(ROOT, path)]);
  currentFile = path;
  const runner: Runner = {
    config: RUNNER_CONFIG,
    importFile: (file) => modules.import(file),
    onCollected: onImported,
    onBeforeRunTask: (test) => {
      if (failure !== undefined || !isSelected(test.fullTestName)) test.mode = "skip";
    },
    onAfterRunTask: (test) => {
      if (test.result?.state === "fail") failure ??= `${test.fullTestName}: ${test.result.errors?.[0]?.message}`;
      onTestEnd(test.fullTestName);
    },
  };
  const [file] = await startTests([join(ROOT, path)], runner);
  if (file?.result?.state === "fail") failure ??= `its import: ${file.result.errors?.[0]?.message}`;
  failure ??= unhandled;
  return failure === undefined ? undefined : `${path} > ${failure}`;
}

/** Runs all tests, and returns which of them reach which mutant. */
async function findReach({ mutants, testPaths }: StartRequest): Promise<Reach> {
  const reached = new Uint8Array(mutants.length);
  Object.assign(globalThis, { reachedMutants: reached });
  const recording = new Map<string, string>();
  for (const file of new Set(mutants.map((mutant) => mutant.file))) {
    const entries = [...mutants.entries()].filter(([, mutant]) => mutant.file === file);
    recording.set(join(ROOT, file), recordReached(readFileSync(join(ROOT, file), "utf8"), entries));
  }
  const reach: TestFile[] = [];
  for (const path of testPaths) {
    changeSources(recording);
    reached.fill(0);
    const reaching: Record<number, string[] | "all"> = {};
    const start = process.cpuUsage();
    const collect = (add: (index: number) => void): void => {
      for (const [index, isReached] of reached.entries()) if (isReached === 1) add(index);
      reached.fill(0);
    };
    const failure = await runFile(
      path,
      () => true,
      (test) =>
        collect((index) => {
          const tests = reaching[index] ?? [];
          if (tests !== "all") reaching[index] = [...tests, test];
        }),
      () =>
        collect((index) => {
          reaching[index] = "all";
        }),
    );
    if (failure !== undefined) throw new Error(`the tests fail without a mutant: ${failure}`);
    const { user, system } = process.cpuUsage(start);
    if (Object.keys(reaching).length > 0) reach.push({ path, cpuMs: (user + system) / 1000, reaching });
  }
  return reach.sort((a, b) => a.cpuMs - b.cpuMs);
}

/**
 * Runs the tests that reach a mutant, then the other tests of their files. Returns the name of the first test that
 * fails.
 */
async function runMutant({ mutant, index, reach }: MutantRequest): Promise<string | undefined> {
  const source = join(ROOT, mutant.file);
  changeSources(new Map([[source, mutated(readFileSync(source, "utf8"), mutant)]]));
  const files = reach.filter(({ reaching }) => index in reaching);
  for (const { path, cpuMs, reaching } of files) {
    const tests = reaching[index] ?? "all";
    send({ kind: "file", cpuMs });
    const killer = await runFile(path, (test) => tests === "all" || tests.includes(test));
    if (killer !== undefined) return killer;
  }
  // A cache can pass the effect of a mutant to tests that do not reach it.
  for (const { path, cpuMs, reaching } of files) {
    const tests = reaching[index] ?? "all";
    send({ kind: "file", cpuMs });
    const killer = tests === "all" ? undefined : await runFile(path, (test) => !tests.includes(test));
    if (killer !== undefined) return killer;
  }
  return undefined;
}

/** Path of the test file that runs. */
let currentFile = "";

// Vitest compares snapshots only in its own processes.
expect.extend({
  toMatchInlineSnapshot: (received: unknown, snapshot: string) => ({
    pass: withoutIndentation(snapshot) === withoutIndentation(printed(received)),
    message: () => "a snapshot differs",
  }),
  toMatchFileSnapshot: (received: unknown, path: string) => ({
    pass: readFileSync(resolve(ROOT, currentFile, "..", path), "utf8") === received,
    message: () => "a snapshot differs",
  }),
});

/** Returns the text of a value in the format of inline snapshots. */
function printed(value: unknown): string {
  if (typeof value !== "object" || value === null) return typeof value === "string" ? `"${value}"` : String(value);
  const items = Array.isArray(value)
    ? value.map(printed)
    : Object.entries(value)
        .sort(([left], [right]) => (left < right ? -1 : 1))
        .map(([key, item]) => `"${key}": ${printed(item)}`);
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  return items.length === 0 ? `${open}${close}` : `${open}\n${items.map((item) => `${item},\n`).join("")}${close}`;
}

function withoutIndentation(text: string): string {
  return text.replace(/^\s+/gm, "").trim();
}

async function answer(request: Request): Promise<Response> {
  if (request.kind === "mutant") return { kind: "result", killer: await runMutant(request) };
  return { kind: "reach", reach: await findReach(request) };
}

function send(response: Response): void {
  process.send?.(response);
}

function fail(error: unknown): void {
  process.stderr.write(`${error}\n`);
  process.exit(1);
}

process.on("message", (request: Request) => {
  answer(request).then(send, fail);
});
process.on("disconnect", () => process.exit());
