import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { privateBus } from "dbus-codegen-ts/testing";
import type { Scratch } from "./scratch.ts";
import { run } from "./shell.ts";
import { ROOT, type Tarball } from "./tarballs.ts";

const execute = promisify(execFile);

/** Returns the first code block of a language in the README of a workspace. */
export function readmeBlock(workspace: string, language: string): string {
  const readme = readFileSync(join(ROOT, workspace, "README.md"), "utf8");
  return new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "m").exec(readme)?.[1] ?? "";
}

/**
 * Runs the compiled program from the README of a package of the catalogue, with the mock of the installed package or,
 * if it has none, on a new bus. Throws if the output differs from the README.
 */
export async function expectReadmeOutput(
  { folder }: Scratch,
  { workspace, name }: Tarball,
  program: string,
): Promise<void> {
  const files = join("node_modules", name);
  const hasMock = existsSync(join(folder, files, "mock.yaml"));
  const printed = await (hasMock ? runWithMock(folder, files, workspace, program) : runOnNewBus(folder, program));
  const expected = readmeBlock(workspace, "text");
  if (!printed.endsWith(expected)) throw new Error(`the example of ${name} prints\n${printed}instead of\n${expected}`);
}

function runWithMock(cwd: string, files: string, workspace: string, program: string): Promise<string> {
  const api: { readonly names: readonly string[] } = JSON.parse(
    readFileSync(join(ROOT, workspace, "api.json"), "utf8"),
  );
  const name = (api.names[0] ?? "").replace(/\*$/, "example");
  const specs = [join(files, "specs"), "--overlay", join(files, "overlays"), "--values", join(files, "mock.yaml")];
  const mock = ["mock", ...specs, "--name", name, "--run", `node ${program}`];
  return run(cwd, "npx", "--no-install", "dbus-codegen", ...mock);
}

async function runOnNewBus(cwd: string, program: string): Promise<string> {
  await using bus = await privateBus();
  return (await execute(process.execPath, [program], { cwd, env: { ...process.env, ...bus.env } })).stdout;
}
