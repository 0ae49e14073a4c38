import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./shell.ts";
import { bin, moduleUrl } from "./tools.ts";

export const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/** All packages, each after its dependencies. */
export const WORKSPACES: readonly string[] = [
  "runtime/core",
  "generated",
  "generator",
  ...readdirSync(join(ROOT, "generator/catalogue"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `generator/catalogue/${name}`),
  "runtime/connman",
  "runtime/telepathy",
];

/** A packed package, as it would be published. */
export interface Tarball {
  readonly workspace: string;
  readonly name: string;
  /** Path of the file. */
  readonly file: string;
  /** Paths of the files in the tarball. */
  readonly contents: readonly string[];
  readonly size: number;
  readonly manifest: Manifest;
}

/** What an export resolves to: a file, or a file for each condition. */
type Target = string | Readonly<Record<string, string>>;

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, Target>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** Packs a built workspace. */
export async function pack(workspace: string, folder: string): Promise<Tarball> {
  const cwd = join(ROOT, workspace);
  const printed = await run(cwd, "npm", "pack", "--json", "--pack-destination", folder);
  // npm's output format.
  const [packed] = JSON.parse(printed) as readonly {
    filename: string;
    size: number;
    files: readonly { path: string }[];
  }[];
  if (packed === undefined) throw new Error(`npm packed nothing in ${workspace}`);
  const manifest = JSON.parse(readFileSync(join(cwd, "package.json"), "utf8")) as Manifest;
  const contents = packed.files.map(({ path }) => path);
  return { workspace, name: manifest.name, file: join(folder, packed.filename), contents, size: packed.size, manifest };
}

/** Files that a package may contain in addition to compiled code. */
const ALLOWED =
  /^(package\.json|README\.md|LICENSE|bin\/[\w-]+\.js|system\/[\w.-]+|docs\/[\w-]+\.md|schemas\/[\w-]+\.json|tools\/site\/assets\/[\w.-]+|(catalogue\/[\w-]+\/)?(api\.json|mock\.yaml|(specs|overlays)\/[\w.-]+\.xml))$/;
/** Modules that bundles share, and the license of the bundled parts of dbus-next. */
const BUNDLED = /^dist\/(chunk-[A-Z0-9]+\.js(\.map)?|dbus-next-license\.txt)$/;
const COMPILED = /^(catalogue\/[\w-]+\/)?dist\/(.+?)\.(?:js|js\.map|d\.ts)$/;
const FIELDS = ["description", "keywords", "license", "type", "sideEffects", "engines", "exports", "files"];

/** Throws an Error that lists missing and unexpected files of a package. */
export function checkContents({ workspace, contents, manifest }: Tarball): void {
  const problems = [
    ...["README.md", "LICENSE"].filter((path) => !contents.includes(path)).map((path) => `lacks ${path}`),
    ...FIELDS.filter((field) => manifest[field] === undefined).map((field) => `package.json lacks ${field}`),
    ...targetsOf(manifest)
      .filter((path) => !hasTarget(path, contents))
      .map((path) => `lacks ${path}, which it exports`),
    ...contents
      .filter((path) => !ALLOWED.test(path) && !BUNDLED.test(path) && !isCompiled(path, workspace))
      .map(
        (path) =>
          `holds ${path}${path.startsWith("dist/") ? ", which has no source: remove dist and build again" : ""}`,
      ),
    ...Object.entries(manifest.exports)
      .filter(([, target]) => typeof target === "object" && publicConditions(target)[0]?.[0] !== "types")
      .map(([path]) => `does not name the types of ${path} first`),
    ...othersOf(workspace, manifest).map((name) => `depends on ${name}`),
    ...(sameLicence(workspace) ? [] : ["has a LICENSE of its own"]),
  ];
  if (problems.length > 0) throw new Error(`${manifest.name} ${problems.join("; ")}`);
}

/**
 * Returns the dependencies, besides the runtime, of a package that applications use. There must be none, so that
 * applications stay small.
 */
function othersOf(workspace: string, { dependencies = {} }: Manifest): readonly string[] {
  const isForApplications = /^(runtime\/core|generated|generator\/catalogue\/.+)$/.test(workspace);
  return isForApplications ? Object.keys(dependencies).filter((name) => name !== "@dbus-codegen-ts/runtime") : [];
}

/** Returns whether the source of a file in dist still exists. */
function isCompiled(path: string, workspace: string): boolean {
  const [, folder = "", source] = COMPILED.exec(path) ?? [];
  return source !== undefined && existsSync(join(ROOT, workspace, folder, `${source}.ts`));
}

function targetsOf({ exports, bin: programs = {} }: Manifest): readonly string[] {
  const targets = Object.values(exports).flatMap((target) =>
    typeof target === "string" ? target : publicConditions(target).map(([, path]) => path),
  );
  return [...targets, ...Object.values(programs)].map((path) => path.replace(/^\.\//, ""));
}

/** Condition of the sources, which only this repository contains. */
const SOURCE_CONDITION = "@dbus-codegen-ts/source";

/** Returns the conditions that other projects can use, with their files, in the order of the manifest. */
function publicConditions(target: Exclude<Target, string>): readonly (readonly [condition: string, path: string])[] {
  return Object.entries(target).filter(([condition]) => condition !== SOURCE_CONDITION);
}

function hasTarget(target: string, contents: readonly string[]): boolean {
  const [before = "", after = ""] = target.split("*");
  return contents.some((path) =>
    target.includes("*") ? path.startsWith(before) && path.endsWith(after) : path === target,
  );
}

function sameLicence(workspace: string): boolean {
  const text = (folder: string): string => readFileSync(join(ROOT, folder, "LICENSE"), "utf8");
  return text(workspace) === text(".");
}

/** Checks the package with publint and attw. */
export async function lint({ workspace, file, manifest }: Tarball): Promise<void> {
  const messages = await publintMessages(file);
  if (messages.length > 0) throw new Error(messages.join("\n"));
  const entries = Object.keys(manifest.exports).flatMap((path) => (path === "./*" ? modulesOf(workspace) : [path]));
  await run(ROOT, bin("attw"), file, "--profile", "esm-only", "--format", "ascii", "--entrypoints", ...entries);
}

/** Returns what publint says about a tarball, except about the condition of the sources. */
async function publintMessages(file: string): Promise<readonly string[]> {
  const program = `import { readFileSync } from "node:fs";
const { publint } = await import(${moduleUrl("publint/src/index-node.js")});
const { formatMessage } = await import(${moduleUrl("publint/src/utils.js")});
const tarball = new Uint8Array(readFileSync(${JSON.stringify(file)})).buffer;
const { messages, pkg } = await publint({ pack: { tarball }, strict: true });
const others = messages.filter(({ path }) => !path.includes(${JSON.stringify(SOURCE_CONDITION)}));
console.log(JSON.stringify(others.map((message) => formatMessage(message, pkg) ?? message.code)));`;
  const printed = await run(ROOT, process.execPath, "--input-type=module", "--eval", program);
  // The program above prints texts.
  return JSON.parse(printed) as readonly string[];
}

function modulesOf(workspace: string): readonly string[] {
  const folder = workspace.startsWith("generator/catalogue/") ? join(workspace, "generated") : workspace;
  return readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith(".ts"))
    .map((name) => `./${name.slice(0, -3)}`);
}
