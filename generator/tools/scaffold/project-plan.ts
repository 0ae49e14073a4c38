import { lstat, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeFolder } from "../../compiler/write/output-folder.ts";
import { type Manifest, mergeManifest, newManifest } from "./manifest.ts";

/** A file of a project. It is written only if it does not exist. */
export interface ProjectFile {
  /** Path in the project's folder, with `/` as separator. */
  readonly path: string;
  readonly text: string | Uint8Array;
  /** Paths of other files. If one of them exists, this file is not written. */
  readonly alternatives?: readonly string[];
  /** Whether the file is a tarball of a package. It is left out if package.json does not name it. */
  readonly isVendored?: true;
}

/** The files and settings of a project. */
export interface Project {
  readonly files: readonly ProjectFile[];
  readonly manifest: Manifest;
  /** Lines of `.gitignore`. */
  readonly ignored: readonly string[];
}

/** What happens to one file. An existing file is never replaced; `extend` adds entries to package.json or .gitignore. */
export type ProjectStep = ProjectFile & {
  readonly kind: "create" | "extend" | "leave";
  /** What was added, or why the file is not changed. */
  readonly note?: string;
};

/** Name of the file that makes a folder a package. */
const MANIFEST = "package.json";
const IGNORE = ".gitignore";

/** Compares a project with the files of its folder and returns what has to happen to each file. */
export async function planProject(folder: string, project: Project): Promise<readonly ProjectStep[]> {
  const manifest = await planManifest(folder, project.manifest);
  const steps = [manifest, await planIgnored(folder, project.ignored)];
  for (const file of project.files) {
    if (file.isVendored && !String(manifest.text).includes(file.path)) continue;
    const link = await firstOf(folder, parentsOf(file.path), "link");
    const present = link ?? (await firstOf(folder, [file.path, ...(file.alternatives ?? [])]));
    const note = link === undefined ? (present === file.path ? "it exists" : `${present} exists`) : `${link} is a link`;
    steps.push(present === undefined ? { ...file, kind: "create" } : { ...file, kind: "leave", note });
  }
  return steps;
}

/** Returns the first path that exists and, if a kind is given, is of that kind. */
async function firstOf(folder: string, paths: readonly string[], kind?: EntryKind): Promise<string | undefined> {
  for (const path of paths) {
    const found = await kindOf(join(folder, path));
    if (kind === undefined ? found !== "nothing" : found === kind) return path;
  }
  return undefined;
}

/** Returns the paths of the folders that contain a path, the outermost first. */
function parentsOf(path: string): readonly string[] {
  const elements = path.split("/");
  return elements.slice(1).map((_, index) => elements.slice(0, index + 1).join("/"));
}

/** Applies a plan. Rejects if a file that the plan creates exists by now. */
export async function applyProject(folder: string, steps: readonly ProjectStep[]): Promise<void> {
  for (const { kind, path, text } of steps) {
    if (kind === "leave") continue;
    const place = join(folder, path);
    await makeFolder(dirname(place));
    if (kind === "create") await writeFile(place, text, { flag: "wx" });
    else {
      await writeFile(`${place}.new`, text, { flag: "wx" });
      await rename(`${place}.new`, place);
    }
  }
}

async function planManifest(folder: string, manifest: Manifest): Promise<ProjectStep> {
  const place = join(folder, MANIFEST);
  const kind = await kindOf(place);
  if (kind === "nothing") return { kind: "create", path: MANIFEST, text: newManifest(manifest) };
  const merged = kind === "file" ? mergeManifest(await readFile(place, "utf8"), manifest) : undefined;
  if (merged === undefined)
    return {
      kind: "leave",
      path: MANIFEST,
      text: "",
      note: "it is not a JSON object with the sections of a package.json",
    };
  const note = [
    ...(merged.added.length > 0 ? [`added ${merged.added.join(", ")}`] : []),
    ...(merged.unchanged.length > 0 ? [`left alone ${merged.unchanged.join(", ")}`] : []),
  ].join("; ");
  return {
    kind: merged.added.length > 0 ? "extend" : "leave",
    path: MANIFEST,
    text: merged.text,
    note: note || "nothing is missing",
  };
}

async function planIgnored(folder: string, ignored: readonly string[]): Promise<ProjectStep> {
  const place = join(folder, IGNORE);
  const kind = await kindOf(place);
  if (kind === "nothing") return { kind: "create", path: IGNORE, text: `${ignored.join("\n")}\n` };
  if (kind !== "file") return { kind: "leave", path: IGNORE, text: "", note: "it is not a regular file" };
  const before = await readFile(place, "utf8");
  const present = new Set(before.split(/\r?\n/).map((line) => line.trim().replace(/^\/|\/$/g, "")));
  const missing = ignored.filter((line) => !present.has(line.replace(/\/$/, "")));
  if (missing.length === 0) return { kind: "leave", path: IGNORE, text: before, note: "nothing is missing" };
  const end = before === "" || before.endsWith("\n") ? "" : "\n";
  return {
    kind: "extend",
    path: IGNORE,
    text: `${before}${end}${missing.join("\n")}\n`,
    note: `added ${missing.join(", ")}`,
  };
}

type EntryKind = "nothing" | "file" | "link" | "other";

/** Returns the kind of entry at a path. Links are not followed: their targets are not part of the project. */
async function kindOf(path: string): Promise<EntryKind> {
  try {
    const stats = await lstat(path);
    return stats.isFile() ? "file" : stats.isSymbolicLink() ? "link" : "other";
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "nothing";
    throw error;
  }
}
