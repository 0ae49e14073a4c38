import { randomBytes } from "node:crypto";
import { lstat, mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { HEADER } from "../print/module-layout.ts";
import { readRegularFile } from "../read/regular-file.ts";
import type { ExistingFile, WritePlan } from "./write-plan.ts";

const TEMPORARY = /^\.dbus-codegen-[0-9a-f]+\.tmp$/;

/** Returns the TypeScript files of an output folder by name; an empty map if the folder does not exist. */
export function readFolder(folder: string): Promise<ReadonlyMap<string, ExistingFile>> {
  return readFiles(folder, (name) => name.endsWith(".ts"), isGenerated);
}

function isGenerated(text: string): boolean {
  return text.startsWith(HEADER);
}

/**
 * Returns files of a folder by name; an empty map if the folder does not exist. Links and other files that are not regular
 * are not opened.
 * @param isSelected - Returns whether a file is of interest, by its name.
 * @param isOurs - Returns whether a text was generated, by its beginning of at least 200 characters.
 */
export async function readFiles(
  folder: string,
  isSelected: (name: string) => boolean,
  isOurs: (text: string) => boolean,
): Promise<ReadonlyMap<string, ExistingFile>> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  const existing = new Map<string, ExistingFile>();
  for (const entry of entries) {
    if (!isSelected(entry.name)) continue;
    const path = join(folder, entry.name);
    existing.set(entry.name, entry.isFile() ? await readExisting(path, isOurs) : { kind: "not-a-file" });
  }
  return existing;
}

async function readExisting(path: string, isOurs: (text: string) => boolean): Promise<ExistingFile> {
  const { content: head, size } = await readRegularFile(path, HEAD_BYTES, false);
  if (!isOurs(head.toString())) return { kind: "foreign" };
  const { content } = await readRegularFile(path, size, false);
  return { kind: "ours", text: content.toString() };
}

/** Number of bytes that decide whether a file was generated. */
const HEAD_BYTES = 1024;

/**
 * Applies a write plan. Readers never see a partial file, and a link in the folder is never followed.
 */
export async function applyWritePlan(folder: string, plan: WritePlan): Promise<void> {
  if (plan.refused.length > 0) throw new Error("a plan with refused files is never applied");
  const changes = plan.steps.filter(({ kind }) => kind !== "keep");
  if (changes.length === 0) return;
  await makeFolder(folder);
  await removeTemporaries(folder);
  for (const step of changes) {
    const path = join(folder, step.path);
    if (step.kind === "delete") await rm(path);
    else if (step.kind !== "keep") await replaceFile(path, step.text);
  }
}

/**
 * Creates a folder and its parent folders. The recursive `mkdir` of Node 20 never ends in file systems such as /proc,
 * where an existing folder refuses new folders with ENOENT.
 */
export async function makeFolder(path: string): Promise<void> {
  const problem = await problemOf(mkdir(path));
  if (problem === undefined || (await isFolder(path))) return;
  if (dirname(path) === path || (await isFolder(dirname(path)))) throw problem;
  await makeFolder(dirname(path));
  const second = await problemOf(mkdir(path));
  if (second !== undefined && !(await isFolder(path))) throw second;
}

function problemOf(action: Promise<unknown>): Promise<unknown> {
  return action.then(
    () => undefined,
    (problem: unknown) => problem,
  );
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

/** Writes a file at once: readers see the old or the new text. A link is replaced, not followed. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = join(dirname(path), `.dbus-codegen-${randomBytes(6).toString("hex")}.tmp`);
  await writeFile(temporary, text, { flag: "wx" });
  await rename(temporary, path);
}

/** Removes temporary files of runs that were killed. */
async function removeTemporaries(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (TEMPORARY.test(name) && (await lstat(path)).isFile()) await rm(path);
  }
}
