import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type GenerateResult, generate, render } from "dbus-codegen-ts";
import { onTestFinished } from "vitest";
import { main } from "../../generator/cli/main.ts";

/** Root folder of the project. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Test data of this project: hostile specs, verdicts of libdbus, golden folders. */
export const DATA = join(ROOT, "test/data");
const DOWNLOADED = join(DATA, "downloaded");
/** Specs of other projects, in the folders `telepathy` and `connman`. Tests that read them are skipped if a folder is absent. */
export const CORPUS = existsSync(DOWNLOADED) ? DOWNLOADED : join(ROOT, "../shared/corpus");
export const hasCorpus = ["telepathy", "connman"].every((folder) => existsSync(join(CORPUS, folder)));
/** Suffix for the names of tests that may be skipped. */
export const CORPUS_NOTE = hasCorpus ? "" : " (skipped: run node test/data/fetch.mjs)";

/** Specs by path. */
export type Specs = Readonly<Record<string, string | Uint8Array>>;

/** Returns a spec of one interface with the namespaces of all vocabularies. The spec is one line, so that columns can be counted. */
export function spec(body: string, name = "a.b.C"): string {
  return `${HEAD}<interface name="${name}">${body}</interface></node>`;
}

const HEAD =
  '<node xmlns:tp="http://telepathy.freedesktop.org/wiki/DbusSpec#extensions-v0" xmlns:dct="urn:dbus-codegen-ts:dictionary:1">';

/** Generates from one spec with the path `a.xml`, or from several specs. */
export function run(specs: string | Uint8Array | Specs): Promise<GenerateResult> {
  const files = typeof specs === "string" || specs instanceof Uint8Array ? { "a.xml": specs } : specs;
  return generate(Object.entries(files).map(([path, content]) => ({ path, content })));
}

/** Returns the diagnostics in the format `plain`, a line each. */
export function lines({ diagnostics }: GenerateResult): readonly string[] {
  return diagnostics.map((diagnostic) => render([diagnostic], "plain").trimEnd());
}

/** Returns the codes of the diagnostics without repetition. */
export function codes({ diagnostics }: GenerateResult): readonly string[] {
  return [...new Set(diagnostics.map(({ code }) => code))];
}

/** Returns the text of the only generated module, or of the module at a path. */
export function textOf({ files, diagnostics }: Pick<GenerateResult, "files" | "diagnostics">, path?: string): string {
  const module = path === undefined && files.length === 1 ? files[0] : files.find((file) => file.path === path);
  if (module === undefined)
    throw new Error(`no module ${path ?? ""} among ${files.map((file) => file.path)}\n${render(diagnostics, "plain")}`);
  return module.text;
}

/** Returns the XML files of a folder of the corpus, or of the hostile specs, by name. */
export function corpus(folder: string): Specs {
  const path = join(folder === "hostile-xml" ? DATA : CORPUS, folder);
  const names = readdirSync(path).filter((name) => name.endsWith(".xml"));
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(path, name))]));
}

/** Returns the value at a path of keys in unknown data. */
export function at(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>((inner, key) => Reflect.get(Object(inner), key), value);
}

/** Runs the command line in this process. Returns its exit code, its standard output (`out`) and standard error (`err`). */
export async function cli(
  cwd: string,
  ...argv: readonly string[]
): Promise<{ code: number; out: string; err: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await main(argv, {
    cwd,
    writeOutput: (text) => void out.push(text),
    writeError: (text) => void err.push(text),
    colorError: false,
    stdin: async function* () {},
  });
  return { code, out: out.join(""), err: err.join("") };
}

/** Creates a temporary folder that is removed after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "dbus-codegen-")));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
