import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";

const CACHE = fileURLToPath(new URL("../../node_modules/.cache/c-programs", import.meta.url));

/** Path of a compiled program, or what is missing to compile it. */
export type CompiledProgram = { readonly program: string } | { readonly missing: string };

/**
 * Compiles a C program that uses a library.
 *
 * @param source - Absolute path.
 * @param library - Name for pkg-config.
 * @param headers - The Debian package with its headers, for the text of what is missing.
 * @throws Error if the program has a mistake.
 */
export function compileC(source: string, library: string, headers: string): CompiledProgram {
  const flags = spawnSync("pkg-config", ["--cflags", "--libs", library], { encoding: "utf8" });
  if (flags.status !== 0) return { missing: `the headers of ${library}, Debian package ${headers}` };
  mkdirSync(CACHE, { recursive: true });
  const program = `${CACHE}/${basename(source, ".c")}-${process.pid}`;
  const args = ["-O2", "-Wall", "-Werror", "-o", program, source, ...flags.stdout.trim().split(/\s+/)];
  const compiled = spawnSync("cc", args, { encoding: "utf8" });
  if (compiled.error !== undefined) return { missing: "a C compiler" };
  if (compiled.status !== 0) throw new Error(compiled.stderr);
  return { program };
}
