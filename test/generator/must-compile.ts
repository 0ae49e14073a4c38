import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { OutputFile } from "dbus-codegen-ts";
import { expect } from "vitest";

/**
 * Folder in which `mustCompile` records modules in this run of tests, set by `vitest.config.ts`. It has a subfolder for
 * each test file.
 */
const NOTES = process.env["NOTED_MODULES"];

let count = 0;

/**
 * Records generated modules that must compile. Unit tests start no processes: `compiler/compile.system.test.ts`
 * compiles the recorded modules of all tests in one run. Mutation tests do not compile: their runs have no folder for
 * the records.
 */
export function mustCompile(files: readonly OutputFile[]): void {
  if (NOTES === undefined) return;
  const { testPath = "", currentTestName = "" } = expect.getState();
  const folder = join(NOTES, basename(testPath));
  const name = `${++count}-${currentTestName.replace(/\W+/g, "-").slice(0, 100)}`;
  const modules = files.map(({ path, text }) => ({ path: `${name}/${path}`, text }));
  const note = join(folder, `${process.pid}-${name}.json`);
  mkdirSync(folder, { recursive: true });
  // Complete or absent: another process may read the folder.
  writeFileSync(join(NOTES, basename(note)), JSON.stringify(modules));
  renameSync(join(NOTES, basename(note)), note);
}

/** Returns the names of the test files that have called `mustCompile` in this run of tests. */
export function notingFiles(): readonly string[] {
  mkdirSync(notesFolder(), { recursive: true });
  return readdirSync(notesFolder()).filter((name) => name.endsWith(".ts"));
}

/** Returns the modules that a test file has passed to `mustCompile`, in a folder for each call. */
export function notedModules(testFile: string): readonly OutputFile[] {
  const folder = join(notesFolder(), testFile);
  return readdirSync(folder).flatMap((name): OutputFile[] => JSON.parse(readFileSync(join(folder, name), "utf8")));
}

function notesFolder(): string {
  if (NOTES === undefined) throw new Error("the run of tests has no folder for notes");
  return NOTES;
}
