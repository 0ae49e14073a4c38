// Writes the packages of the catalogue: for each folder with an api.json its package.json, tsconfig.json, LICENSE and
// generated modules, and the list of all packages in tsconfig.json. `npm run build` must have run before.
// Usage: node generator/catalogue/generate.mjs [names…]
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { main } from "../dist/cli/main.js";

const CATALOGUE = import.meta.dirname;
const ROOT = join(CATALOGUE, "../..");
const runtime = readJson(join(ROOT, "runtime/core/package.json"));

/** TypeScript settings of every package. */
const TSCONFIG = {
  extends: "../../../tsconfig.json",
  compilerOptions: { composite: true, rootDir: ".", outDir: "dist" },
  include: ["**/*.ts"],
  exclude: ["dist", "node_modules"],
  references: [{ path: "../../../runtime/core" }],
};

const XML = '<?xml version="1.0" encoding="UTF-8"?>';

/** TypeScript settings of a package with a mock template, which imports the module `testing` of the generator. */
const TSCONFIG_WITH_MOCK = { ...TSCONFIG, references: [...TSCONFIG.references, { path: "../.." }] };

const all = readdirSync(CATALOGUE)
  .filter((name) => existsSync(join(CATALOGUE, name, "api.json")))
  .sort();
const selected = process.argv.length > 2 ? process.argv.slice(2) : all;

writeJson(join(CATALOGUE, "tsconfig.json"), { files: [], references: all.map((name) => ({ path: `./${name}` })) });
for (const name of selected) await writePackage(name);

/** Writes all generated files of one package. */
async function writePackage(name) {
  const folder = join(CATALOGUE, name);
  const api = readJson(join(folder, "api.json"));
  const modules = ["index", "mock"].filter((module) => existsSync(join(folder, `${module}.ts`)));
  const hasMock = modules.includes("mock");
  writeJson(join(folder, "package.json"), manifest(name, api, modules));
  writeJson(join(folder, "tsconfig.json"), hasMock ? TSCONFIG_WITH_MOCK : TSCONFIG);
  copyFileSync(join(ROOT, "LICENSE"), join(folder, "LICENSE"));
  if (api.base !== undefined) writeBaseOverlays(folder, api);
  const overlays = existsSync(join(folder, "overlays")) ? ["--overlay", "overlays"] : [];
  const args = ["generate", "specs", ...overlays, "-o", "generated", "--config", "none"];
  process.stderr.write(`${name}: `);
  const code = await main(args, {
    cwd: folder,
    writeOutput: (text) => void process.stdout.write(text),
    writeError: (text) => void process.stderr.write(text),
    colorError: false,
    stdin: () => process.stdin,
  });
  if (code !== 0) process.exitCode = code;
}

/**
 * Writes the specs in a folder `base` of this repository as overlays of the package. Their types and documentation are
 * then maintained in `base` only.
 */
function writeBaseOverlays(folder, { base, names: [name] }) {
  const attributes = `xmlns:dct="urn:dbus-codegen-ts:dictionary:1" dct:overlay="${name}"`;
  for (const file of readdirSync(join(ROOT, base))) {
    const content = readFileSync(join(ROOT, base, file), "utf8")
      .replace(/^<\?xml.*\?>\n/, "")
      .replace(/\s+xmlns:dct="[^"]*"/, "");
    const overlay = content.startsWith("<node")
      ? content.replace("<node", `<node ${attributes}`)
      : `<node ${attributes}>\n${content}</node>\n`;
    const comment = `<!-- Written from ${base}/${file}. Do not edit. -->`;
    writeFileSync(join(folder, "overlays", `base-${file}`), `${XML}\n${comment}\n${overlay}`);
  }
}

function manifest(name, { title, names }, modules) {
  const entry = (source, output) => ({
    "@dbus-codegen-ts/source": `./${source}.ts`,
    types: `./dist/${output}.d.ts`,
    default: `./dist/${output}.js`,
  });
  return {
    name: `@dbus-codegen-ts/${name}`,
    version: runtime.version,
    description: `Typed D-Bus clients and services: ${title}`,
    keywords: ["d-bus", "dbus", "typescript", ...names],
    license: "MIT",
    homepage: runtime.homepage,
    repository: { ...runtime.repository, directory: `generator/catalogue/${name}` },
    bugs: runtime.bugs,
    publishConfig: { access: "public", provenance: true },
    type: "module",
    sideEffects: false,
    engines: runtime.engines,
    exports: {
      ...(modules.includes("index") && { ".": entry("index", "index") }),
      ...(modules.includes("mock") && { "./mock": entry("mock", "mock") }),
      "./*": entry("generated/*", "generated/*"),
      "./package.json": "./package.json",
    },
    files: ["dist", "overlays", "specs", "mock.yaml", "!dist/*.tsbuildinfo", "!dist/**/*.d.ts.map"],
    dependencies: { "@dbus-codegen-ts/runtime": runtime.version },
    ...(modules.includes("mock") && {
      peerDependencies: { "dbus-codegen-ts": runtime.version },
      peerDependenciesMeta: { "dbus-codegen-ts": { optional: true } },
    }),
  };
}

function readJson(path) {
  return JSON.parse(readFileSync(path, "utf8"));
}

/** Writes a value, unless the file contains it in any layout. */
function writeJson(path, value) {
  if (existsSync(path) && isDeepStrictEqual(readJson(path), value)) return;
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
}
