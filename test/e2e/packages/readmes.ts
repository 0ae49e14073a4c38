import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type PrivateBus, privateBus } from "dbus-codegen-ts/testing";
import { expectReadmeOutput } from "./catalogue-readme.ts";
import type { Scratch } from "./scratch.ts";
import { end } from "./service.ts";
import { ROOT, type Tarball } from "./tarballs.ts";

/** Programs of this project that the examples call, unless an example serves something itself. */
const SERVICES = ["dbus-codegen-sessiond", "dbus-codegen-connection-manager"];

/**
 * Compiles and runs the TypeScript examples in the READMEs of the packages, each on a private bus. Returns the names of the
 * packages, and how many examples were left out because they continue others.
 */
export async function readmes(scratch: Scratch, tarballs: readonly Tarball[]): Promise<string> {
  const ran: string[] = [];
  let continued = 0;
  for (const tarball of tarballs) {
    const { workspace, name } = tarball;
    const isKnownService = workspace.startsWith("generator/catalogue/");
    for (const [index, program] of examplesOf(join(ROOT, workspace, "README.md")).entries()) {
      if (!isKnownService && continuesAnother(program)) {
        continued++;
        continue;
      }
      scratch.write("readme.ts", program);
      await scratch.compile("readme.ts", ["6"]);
      // The README of a known service states the output of its first program.
      if (isKnownService && index === 0) await expectReadmeOutput(scratch, tarball, "readme.js");
      else await runExample(scratch, program, isKnownService || program.includes(" serve") ? [] : SERVICES);
      ran.push(name);
    }
  }
  return `${ran.join(", ")}; ${continued} examples that continue others are left out`;
}

/** Returns whether an example uses the connection of an earlier example. */
function continuesAnother(program: string): boolean {
  return /\bconnection\b/.test(program) && !/ connection = /.test(program);
}

function examplesOf(path: string): readonly string[] {
  return [...readFileSync(path, "utf8").matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, text = ""]) => text);
}

/** @param names - Programs of this project that the example calls. */
async function runExample(scratch: Scratch, program: string, names: readonly string[]): Promise<void> {
  await using bus = await privateBus();
  const services = await Promise.all(names.map((name) => start(scratch, name, bus)));
  try {
    const child = spawn(process.execPath, ["readme.js"], {
      cwd: scratch.folder,
      env: { ...process.env, ...bus.env },
      stdio: ["ignore", "ignore", "inherit"],
    });
    const [code] = await once(child, "exit");
    if (code !== 0) throw new Error(`an example ended with ${code}:\n${program}`);
  } finally {
    await Promise.all(services.map(end));
  }
}

/** Starts a program of this project. Resolves when it prints that it is ready. */
async function start({ folder }: Scratch, name: string, { address }: PrivateBus): Promise<ChildProcess> {
  const program = join(folder, "node_modules/.bin", name);
  const child = spawn(process.execPath, [program, "--bus", address], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  return child;
}
