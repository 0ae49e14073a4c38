// Bundles the program of a package, `cli.ts`, with all modules that it imports, so that it reads a few files instead of
// 300 and starts faster. npm runs this in the folder of the package while it is packed. `--restore` puts the separate
// module back afterwards. With the path of a folder, the bundle is written there instead.
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { convertHandshake } from "./convert-handshake.mjs";

const PACKAGE = process.cwd();
const DIST = resolve(PACKAGE, "dist");
/** Place of the separate module while the package is packed. */
const MODULES = fileURLToPath(new URL(`../node_modules/.cache/program-of-${basename(PACKAGE)}`, import.meta.url));
const REPLACED = ["cli.js", "cli.js.map"];
const LICENSE = "dbus-next-license.txt";
/** Parts of the program that are loaded when they are needed. */
const CHUNK = /^chunk-.+\.js$/;

const [target] = process.argv.slice(2);
if (target === undefined) {
  restoreModule();
  mkdirSync(MODULES, { recursive: true });
  for (const name of REPLACED) renameSync(`${DIST}/${name}`, `${MODULES}/${name}`);
  await bundle(DIST);
} else if (target === "--restore") restoreModule();
else await bundle(resolve(target));

/** Puts the separate module back, also after an interrupted run. */
function restoreModule() {
  if (!existsSync(MODULES)) return;
  for (const name of readdirSync(DIST)) if (CHUNK.test(name) || name === LICENSE) rmSync(`${DIST}/${name}`);
  for (const name of readdirSync(MODULES)) renameSync(`${MODULES}/${name}`, `${DIST}/${name}`);
  rmSync(MODULES, { recursive: true });
}

async function bundle(folder) {
  mkdirSync(folder, { recursive: true });
  copyFileSync(createRequire(import.meta.url).resolve("dbus-next/LICENSE"), `${folder}/${LICENSE}`);
  await build({
    absWorkingDir: PACKAGE,
    entryPoints: ["cli.ts"],
    outdir: folder,
    chunkNames: "chunk-[hash]",
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    target: "node20",
    conditions: ["@dbus-codegen-ts/source"],
    // Functions keep their names, for profiles. Comments and spaces are two thirds of the text.
    minifySyntax: true,
    minifyWhitespace: true,
    plugins: [{ name: "handshake", setup: convertHandshake }],
    logLevel: "warning",
  });
}
