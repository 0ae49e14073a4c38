import { execFile } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { OutputFile } from "dbus-codegen-ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** The compiler, TypeScript 7: a program for node. */
export const TSC = join(dirname(createRequire(import.meta.url).resolve("typescript-native/package.json")), "bin/tsc");

/**
 * The module with the types of the runtime: its built declarations if they are up to date, otherwise its sources, which
 * take twice as long to check.
 */
const RUNTIME_TYPES = builtTypes(join(ROOT, "runtime/core")) ?? join(ROOT, "runtime/core/index.ts");

export interface CompileOptions {
  /** Whether exported values need declared types, as those of generated modules do. True by default. */
  readonly isolatedDeclarations?: boolean;
  /** Further options of the compiler. */
  readonly compilerOptions?: Readonly<Record<string, unknown>>;
}

/**
 * Type-checks generated modules against the runtime, with the strict flags of the project and `isolatedDeclarations`. The compiler is TypeScript 7, a process: give it the modules of many tests at once.
 *
 * @returns The messages of the compiler, as `path:line TScode: text`.
 */
export async function compile(files: readonly OutputFile[], options: CompileOptions = {}): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), "compile-"));
  try {
    for (const { path, text } of files) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
    await writeFile(join(folder, "package.json"), `{ "type": "module" }`);
    await writeFile(
      join(folder, "tsconfig.json"),
      JSON.stringify({
        extends: join(ROOT, "tsconfig.json"),
        compilerOptions: {
          noEmit: true,
          isolatedDeclarations: options.isolatedDeclarations ?? true,
          paths: { "@dbus-codegen-ts/runtime": [RUNTIME_TYPES] },
          typeRoots: [join(ROOT, "node_modules/@types")],
          ...options.compilerOptions,
        },
        files: files.map(({ path }) => path),
        references: [],
      }),
    );
    return problemsOf(await outputOf(folder), folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Returns the declarations of a package; undefined if they are missing or older than one of its sources. */
function builtTypes(folder: string): string | undefined {
  const builtAt = statSync(join(folder, "dist/tsconfig.tsbuildinfo"), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) =>
    /^(?!dist\/).*\.ts$/.test(path),
  );
  const isBuilt = sources.every((path) => statSync(join(folder, path)).mtimeMs < builtAt);
  return isBuilt ? join(folder, "dist/index.d.ts") : undefined;
}

/** Runs the compiler for a folder. One thread takes the least time of the processors, which other tests use, too. */
function outputOf(folder: string): Promise<string> {
  const args = [TSC, "-p", folder, "--pretty", "false", "--singleThreaded"];
  return new Promise((finish, fail) => {
    execFile(process.execPath, args, { cwd: ROOT, maxBuffer: 2 ** 28 }, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== "number") fail(error);
      else finish(stdout + stderr);
    });
  });
}

/** Returns the messages about files in a folder, and those about no file, as `path:line TScode: text`. */
function problemsOf(output: string, folder: string): readonly string[] {
  return output.split(/\n(?! |$)/).flatMap((message) => {
    const [, path, line, text] = /^(?:(.*)\((\d+),\d+\): )?error (TS[\s\S]*)$/.exec(message.trimEnd()) ?? [];
    if (text === undefined) return message.trim() === "" ? [] : [message];
    if (path === undefined || line === undefined) return [text];
    const absolute = resolve(ROOT, path);
    return absolute.startsWith(`${folder}/`) ? [`${absolute}:${line} ${text}`] : [];
  });
}
