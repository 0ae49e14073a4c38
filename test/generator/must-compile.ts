import type { OutputFile } from "dbus-codegen-ts";
import { expect } from "vitest";

const noted: OutputFile[] = [];
let count = 0;

/**
 * Notes generated modules that must compile, in a folder that names the test. Unit tests start no processes:
 * `compiler/compile.system.test.ts` runs them, too, and compiles all modules in one run.
 */
export function mustCompile(files: readonly OutputFile[]): void {
  const test = expect.getState().currentTestName?.replace(/\W+/g, "-").slice(0, 100) ?? "";
  const folder = `${++count}-${test}`;
  noted.push(...files.map(({ path, text }) => ({ path: `${folder}/${path}`, text })));
}

/** Returns the noted modules, and forgets them. */
export function takeModules(): readonly OutputFile[] {
  return noted.splice(0);
}
