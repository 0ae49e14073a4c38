import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { OutputFile } from "dbus-codegen-ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const TSC = join(dirname(createRequire(import.meta.url).resolve("typescript-native/package.json")), "bin/tsc");

/**
 * Type-checks generated modules as `compile` does, with the native compiler, TypeScript 7. It runs as a process: `compile` is
 * faster for a few modules, this function for hundreds.
 */
export function compileNative(files: readonly OutputFile[]): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), "compile-"));
  try {
    for (const { path, text } of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
    writeFileSync(join(folder, "package.json"), `{ "type": "module" }`);
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({
        extends: join(ROOT, "tsconfig.json"),
        compilerOptions: {
          noEmit: true,
          paths: { "@dbus-codegen-ts/runtime": [join(ROOT, "runtime/core/index.ts")] },
          typeRoots: [join(ROOT, "node_modules/@types")],
        },
        files: files.map(({ path }) => path),
        references: [],
      }),
    );
    const { stdout, stderr, error } = spawnSync(process.execPath, [TSC, "-p", folder, "--pretty", "false"], {
      cwd: ROOT,
      encoding: "utf8",
      maxBuffer: 2 ** 28,
    });
    if (error) throw error;
    return problemsOf(stdout + stderr, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
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
