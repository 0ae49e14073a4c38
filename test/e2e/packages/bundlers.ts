import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Scratch } from "./scratch.ts";
import { runWithoutWarning } from "./shell.ts";
import { bin, moduleUrl } from "./tools.ts";

/** Bundlers that must bundle a program without configuration: at most the platform and the format are stated. */
export const BUNDLERS = ["esbuild", "rolldown", "rollup", "webpack", "vite", "bun"] as const;
export type Bundler = (typeof BUNDLERS)[number];

const OUTPUTS = { plain: "bundled", minified: "bundled-min" } as const;

/** Bundles `bundle.js` of a project to a module for Node, and returns the name of its file. Throws if the bundler warns. */
export async function bundle({ folder }: Scratch, bundler: Bundler, output: keyof typeof OUTPUTS): Promise<string> {
  const file = `${OUTPUTS[output]}-by-${bundler}.mjs`;
  const minify = output === "minified";
  await RUN[bundler](folder, file, minify);
  return file;
}

const RUN: Readonly<Record<Bundler, (folder: string, file: string, minify: boolean) => Promise<unknown>>> = {
  esbuild: (folder, file, minify) =>
    runWithoutWarning(
      folder,
      bin("esbuild"),
      "bundle.js",
      "--bundle",
      "--platform=node",
      "--format=esm",
      `--outfile=${file}`,
      ...(minify ? ["--minify"] : []),
    ),
  rolldown: (folder, file, minify) =>
    runWithoutWarning(
      folder,
      bin("rolldown"),
      "bundle.js",
      "--platform=node",
      "--format=esm",
      `--file=${file}`,
      ...(minify ? ["--minify"] : []),
    ),
  bun: (folder, file, minify) =>
    runWithoutWarning(
      folder,
      bin("bun"),
      "build",
      "bundle.js",
      "--target=node",
      `--outfile=${file}`,
      ...(minify ? ["--minify"] : []),
    ),
  rollup: (folder, file, minify) =>
    script(
      folder,
      `const { rollup } = await import(${moduleUrl("rollup/dist/es/rollup.js")});
const { nodeResolve } = await import(${moduleUrl("@rollup/plugin-node-resolve/dist/es/index.js")});
const { default: terser } = await import(${moduleUrl("@rollup/plugin-terser/dist/es/index.js")});
const onwarn = ({ message }) => { throw new Error(message); };
const built = await rollup({ input: "bundle.js", plugins: [nodeResolve()], external: /^node:/, onwarn });
await built.write({ file: ${JSON.stringify(file)}, format: "es", plugins: ${minify} ? [terser()] : [] });`,
    ),
  webpack: (folder, file, minify) =>
    script(
      folder,
      `const { default: webpack } = await import(${moduleUrl("webpack/lib/index.js")});
const output = { path: process.cwd(), filename: ${JSON.stringify(file)}, module: true };
const experiments = { outputModule: true };
const optimization = { minimize: ${minify} };
const options = { entry: "./bundle.js", mode: "production", target: "node20", output, experiments, optimization };
const stats = await new Promise((resolve, reject) => {
  webpack(options, (error, result) => (error ? reject(error) : resolve(result)));
});
if (stats.hasErrors() || stats.hasWarnings()) throw new Error(stats.toString());`,
    ),
  vite: (folder, file, minify) =>
    script(
      folder,
      `const { build } = await import(${moduleUrl("vite/dist/node/index.js")});
const rollupOptions = { output: { entryFileNames: ${JSON.stringify(file)} } };
const output = { ssr: "bundle.js", outDir: ".", emptyOutDir: false, minify: ${minify}, rollupOptions };
await build({ configFile: false, logLevel: "warn", ssr: { noExternal: true }, build: output });`,
    ),
};

/**
 * Runs a module from a file. It is not passed to node as an argument, because workers of a plugin cannot start with
 * such arguments.
 */
function script(folder: string, text: string): Promise<void> {
  const file = "build.mjs";
  writeFileSync(join(folder, file), text);
  return runWithoutWarning(folder, process.execPath, file);
}
