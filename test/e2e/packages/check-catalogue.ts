import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expectReadmeOutput, readmeBlock } from "./catalogue-readme.ts";
import { Scratch } from "./scratch.ts";
import { step } from "./shell.ts";
import { pack, ROOT, type Tarball, WORKSPACES } from "./tarballs.ts";
import { NODE_TYPES } from "./use.ts";

/**
 * Packs the built packages of the catalogue, installs them in an empty folder, compiles the programs of their
 * READMEs and compares the output (`npm run check:catalogue -- [names]`).
 */
const CATALOGUE = "generator/catalogue/";
const selected = process.argv.slice(2);
const workspaces = WORKSPACES.filter((workspace) => workspace.startsWith(CATALOGUE)).filter(
  (workspace) => selected.length === 0 || selected.includes(workspace.slice(CATALOGUE.length)),
);
const folder = mkdtempSync(join(tmpdir(), "catalogue-"));

try {
  const tarballs: Tarball[] = [];
  for (const workspace of ["runtime/core", "generator", ...workspaces]) tarballs.push(await pack(workspace, folder));
  const scratch = new Scratch(join(folder, "empty"));
  await step("install", () => scratch.install(tarballs, NODE_TYPES));
  const programs = tarballs
    .filter(({ workspace }) => workspaces.includes(workspace))
    .map((tarball) => ({ tarball, program: tarball.workspace.slice(CATALOGUE.length) }));
  for (const { tarball, program } of programs) scratch.write(`${program}.ts`, readmeBlock(tarball.workspace, "ts"));
  const compiler = join(ROOT, "node_modules/typescript/bin/tsc");
  await step("compile", () =>
    scratch.compileWith(
      compiler,
      programs.map(({ program }) => `${program}.ts`),
    ),
  );
  for (const { tarball, program } of programs)
    await step(tarball.name, () => expectReadmeOutput(scratch, tarball, `${program}.js`));
} finally {
  rmSync(folder, { recursive: true });
}
