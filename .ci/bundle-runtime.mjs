// Bundles the runtime while it is packed, so that a program reads 30 files instead of 120 and starts faster, and so that
// it installs neither dbus-next nor its 16 dependencies. `--restore` puts the separate modules back afterwards. With the
// path of a new folder, the bundles are written there instead.
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, extname, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { convertHandshake } from "./convert-handshake.mjs";

const CORE = fileURLToPath(new URL("../runtime/core/", import.meta.url));
const CACHE = fileURLToPath(new URL("../node_modules/.cache/", import.meta.url));
const DIST = `${CORE}dist`;
/** Place of the separate modules while the package is packed. */
const MODULES = `${CACHE}runtime-modules`;
const BUNDLES = `${CACHE}runtime-bundles`;

const [target] = process.argv.slice(2);
if (target === undefined) {
  restoreModules();
  rmSync(BUNDLES, { recursive: true, force: true });
  await bundle(BUNDLES);
  renameSync(DIST, MODULES);
  renameSync(BUNDLES, DIST);
} else if (target === "--restore") restoreModules();
else await bundle(target);

/** Puts the separate modules back, also after an interrupted run. */
function restoreModules() {
  if (!existsSync(MODULES)) return;
  rmSync(DIST, { recursive: true, force: true });
  renameSync(MODULES, DIST);
}

/** Writes a bundle for each exported module, the modules that the bundles share, and all declarations. */
async function bundle(folder) {
  mkdirSync(folder, { recursive: true });
  const isKept = (path) => ![".js", ".map", ".tsbuildinfo"].includes(extname(path));
  cpSync(DIST, folder, { recursive: true, filter: isKept });
  copyFileSync(createRequire(import.meta.url).resolve("dbus-next/LICENSE"), `${folder}/dbus-next-license.txt`);
  const { exports } = JSON.parse(readFileSync(`${CORE}package.json`, "utf8"));
  await build({
    absWorkingDir: CORE,
    entryPoints: Object.values(exports).flatMap((target) => target["@dbus-codegen-ts/source"] ?? []),
    outdir: folder,
    outbase: ".",
    bundle: true,
    splitting: true,
    sourcemap: true,
    platform: "node",
    format: "esm",
    target: "es2022",
    // Bundles of applications are 1 % smaller.
    minifySyntax: true,
    tsconfigRaw: { compilerOptions: { target: "es2022", useDefineForClassFields: false } },
    plugins: [
      { name: "handshake", setup: convertHandshake },
      { name: "constants", setup: inlineConstants },
    ],
    logLevel: "warning",
  });
  for (const path of readdirSync(folder, { recursive: true, encoding: "utf8" }))
    if (path.endsWith(".map")) placeSources(`${folder}/${path}`, `${DIST}/${path}`);
}

/** Writes the paths of sources in a source map as if the bundle was in `dist`, wherever it was built. */
function placeSources(path, placed) {
  const map = JSON.parse(readFileSync(path, "utf8"));
  const sources = map.sources.map((source) => relative(dirname(placed), resolve(dirname(path), source)));
  writeFileSync(path, JSON.stringify({ ...map, sources }));
}

/**
 * Replaces the constants of a module that are numbers by their values, because bundlers inline constants of other modules
 * only.
 */
function inlineConstants({ onLoad }) {
  onLoad({ filter: /runtime\/core\/.*\.ts$/ }, ({ path }) => {
    let contents = readFileSync(path, "utf8");
    for (const [declaration, name, value] of contents.matchAll(/^const ([A-Z][A-Z_\d]*) = ([\d_]+(?: << \d+)?);$/gm)) {
      contents = contents.replace(declaration, "").replaceAll(new RegExp(`\\b${name}\\b`, "g"), `(${value})`);
    }
    return { contents, loader: "ts" };
  });
}
