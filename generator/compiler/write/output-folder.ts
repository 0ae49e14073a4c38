import { randomBytes } from "node:crypto";
import { lstat, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { HEADER } from "../print/module-layout.ts";
import type { ExistingFile, WritePlan } from "./write-plan.ts";

const TEMPORARY = /^\.dbus-codegen-[0-9a-f]+\.tmp$/;

/** Returns the TypeScript files of an output folder by name; an empty map if the folder does not exist. */
export async function readFolder(folder: string): Promise<ReadonlyMap<string, ExistingFile>> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  const existing = new Map<string, ExistingFile>();
  for (const entry of entries) {
    if (!entry.name.endsWith(".ts")) continue;
    if (!entry.isFile()) existing.set(entry.name, { kind: "not-a-file" });
    else {
      const text = await readFile(join(folder, entry.name), "utf8");
      existing.set(entry.name, text.startsWith(HEADER) ? { kind: "ours", text } : { kind: "foreign" });
    }
  }
  return existing;
}

/**
 * Applies a write plan. Each file is written under a temporary name and then renamed, so that readers never see a partial
 * file.
 */
export async function applyWritePlan(folder: string, plan: WritePlan): Promise<void> {
  if (plan.refused.length > 0) throw new Error("a plan with refused files is never applied");
  const changes = plan.steps.filter(({ kind }) => kind !== "keep");
  if (changes.length === 0) return;
  await mkdir(folder, { recursive: true });
  await removeTemporaries(folder);
  for (const step of changes) {
    const path = join(folder, step.path);
    if (step.kind === "delete") await rm(path);
    else if (step.kind !== "keep") {
      const temporary = join(folder, `.dbus-codegen-${randomBytes(6).toString("hex")}.tmp`);
      await writeFile(temporary, step.text, { flag: "wx" });
      await rename(temporary, path);
    }
  }
}

/** Removes temporary files of runs that were killed. */
async function removeTemporaries(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (TEMPORARY.test(name) && (await lstat(path)).isFile()) await rm(path);
  }
}
