import { spawn } from "node:child_process";
import { closeSync, openSync, writeSync } from "node:fs";
import { open } from "node:fs/promises";
import { resolve as resolvePath } from "node:path";
import { type Bus, InvalidValueError, isBusName, isObjectPath, NotSupportedError } from "@dbus-codegen-ts/runtime";
import { analyze } from "../../compiler/analyze.ts";
import { Diagnostics } from "../../compiler/diagnostics/diagnostic.ts";
import { render } from "../../compiler/diagnostics/render.ts";
import type { Source } from "../../compiler/diagnostics/source.ts";
import type { Interface } from "../../compiler/resolve/ir.ts";
import { privateBus } from "../../testing/private-bus.ts";
import { ValuesDocument } from "../../tools/mock/yaml-document.ts";
import { plainObject, readScript, type ScriptedObject } from "../../tools/mock/script.ts";
import { type Recorded, ScriptedMock } from "../../tools/mock/scripted-mock.ts";
import type { Project } from "../config/project.ts";
import { readSpecs } from "../config/specs.ts";
import { UsageError } from "../usage-error.ts";
import type { Command, Flags, FlagValues } from "./command.ts";
import { onBus } from "../run/bus.ts";
import { CONFIG_FLAG, specsProject } from "../run/project.ts";
import { EXIT, type Shell } from "../shell.ts";

const FLAGS = {
  bus: { type: "string", value: "<bus>", help: "private (default): one of its own; session, system, or an address" },
  name: { type: "string", value: "<name>", help: "bus name to own: by default what the interfaces begin with" },
  path: { type: "string", value: "<path>", help: "object that has the interfaces: by default the name as a path" },
  values: { type: "string", value: "<file>", help: "JSON or YAML: properties, replies, errors, signals" },
  record: { type: "string", value: "<file>", help: "write each call there, as a line of JSON; - for standard output" },
  run: { type: "string", value: "<command>", help: "run it with the bus in its environment, and end with it" },
  ...CONFIG_FLAG,
} as const satisfies Flags;

const USAGE = "[specs…] [--values <file>] [--run <command>]";

/** `dbus-codegen mock`. */
export const MOCK: Command<typeof FLAGS> = {
  name: "mock",
  usage: USAGE,
  about: `Stands in for a service: every method answers with empty values of its types, unless the file of values says
otherwise. The bus is one of its own; its address is printed, and commands that --run starts find it.
Where no specs are named, those of the config are meant; its annotations count.`,
  flags: FLAGS,
  examples: [
    "dbus-codegen mock org.example.Jukebox1.xml --values jukebox.yaml --record calls.jsonl",
    'dbus-codegen mock specs --run "npm test"',
  ],
  async run({ flags, positionals }, shell) {
    const project = await specsProject(flags.config, positionals, `mock ${USAGE}`, shell);
    const script = await readAll(project, flags, shell);
    if (script === undefined) return EXIT.findings;
    if (flags.bus !== undefined && flags.bus !== "private")
      return onBus(flags.bus, (bus) => serve(bus, script, environmentOf(flags.bus), flags, shell));
    await using own = await startPrivateBus();
    const bus = await own.connect();
    if (flags.run === undefined) shell.writeOutput(`DBUS_SESSION_BUS_ADDRESS=${own.address}\n`);
    return await serve(bus, script, own.env, flags, shell);
  },
};

/** What makes a command find a bus that has no name. */
function environmentOf(bus: string | undefined): Readonly<Record<string, string>> {
  return bus === undefined || bus === "session" || bus === "system" ? {} : { DBUS_SESSION_BUS_ADDRESS: bus };
}

interface Script {
  readonly name: string;
  readonly objects: readonly ScriptedObject[];
}

/** What to serve; undefined where specs or values are wrong, after it was told. */
async function readAll(
  { specs, options }: Project,
  { name: givenName, path: givenPath, values }: FlagValues<typeof FLAGS>,
  shell: Shell,
): Promise<Script | undefined> {
  const diagnostics = new Diagnostics();
  const { interfaces } = analyze(await readSpecs(specs, shell), diagnostics, options, new Diagnostics()).ir;
  const name = givenName ?? commonName(interfaces.map((one) => one.name));
  const path = givenPath ?? `/${name.replaceAll(".", "/").replaceAll("-", "_")}`;
  if (!diagnostics.hasErrors) checkPlace(interfaces, name, path);
  const file = values === undefined ? undefined : await readValues(values, shell);
  const document = file && ValuesDocument.parse(file, diagnostics);
  const plain = [plainObject(path, interfaces)];
  const objects = document === undefined ? plain : readScript(document, interfaces, path, diagnostics);
  const errors = diagnostics.sorted().filter(({ severity }) => severity === "error");
  if (errors.length === 0) return { name, objects };
  shell.writeError(render(errors, "frame", shell.color));
  shell.writeError("there are errors, nothing is served\n");
  return undefined;
}

function checkPlace(interfaces: readonly Interface[], name: string, path: string): void {
  if (interfaces.length === 0) throw new UsageError("the specs have no interface");
  if (!isBusName(name) || name.startsWith(":")) throw new UsageError(`--name: "${name}" is not a name to own`);
  if (!isObjectPath(path)) throw new UsageError(`--path: "${path}" is not an object path`);
}

/** What interface names begin with, as a bus name: the first where that is too little. */
function commonName([first = "", ...others]: readonly string[]): string {
  const parts = first.split(".");
  const isShared = (part: string, index: number): boolean => others.every((name) => name.split(".")[index] === part);
  const end = parts.findIndex((part, index) => !isShared(part, index));
  const shared = end === -1 ? parts : parts.slice(0, end);
  return shared.length < 2 ? first : shared.join(".");
}

/** Largest file of values in bytes. */
const MAX_VALUES_BYTES = 2 ** 24;

async function readValues(path: string, shell: Shell): Promise<Source> {
  const file = await open(resolvePath(shell.cwd, path)).catch((error: unknown) => {
    throw new UsageError(`--values: there is no file "${path}"`, { cause: error });
  });
  try {
    const { size } = await file.stat();
    if (size > MAX_VALUES_BYTES) throw new UsageError(`--values: "${path}" has more than ${MAX_VALUES_BYTES} bytes`);
    return { path, content: await file.readFile() };
  } finally {
    await file.close();
  }
}

async function startPrivateBus() {
  try {
    return await privateBus();
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

async function serve(
  bus: Bus,
  { name, objects }: Script,
  env: Readonly<Record<string, string>>,
  { record, run }: FlagValues<typeof FLAGS>,
  shell: Shell,
): Promise<number> {
  using journal = openJournal(record, shell);
  await using _ = await serveObjects(bus, objects, journal);
  const owned = await bus.requestName(name, { queue: false });
  if (owned.state !== "owner") throw new UsageError(`somebody else has the name ${name}`);
  for (const { path, interfaces } of objects)
    shell.writeError(`${name} ${path}: ${interfaces.map(({ spec }) => spec.name).join(", ")}\n`);
  if (run !== undefined) return await runCommand(run, shell.cwd, env);
  await ended(bus);
  return EXIT.fine;
}

async function serveObjects(bus: Bus, objects: readonly ScriptedObject[], journal: Journal): Promise<ScriptedMock> {
  try {
    return await ScriptedMock.serve(bus, objects, journal.write);
  } catch (error) {
    if (!(error instanceof NotSupportedError || error instanceof InvalidValueError)) throw error;
    throw new UsageError(`this cannot be served: ${error.message}`, { cause: error });
  }
}

interface Journal extends Disposable {
  write(recorded: Recorded): void;
}

/** Where calls are written, each at once: a mock is often killed. */
function openJournal(path: string | undefined, shell: Shell): Journal {
  const line = (recorded: Recorded): string => `${JSON.stringify({ time: new Date().toISOString(), ...recorded })}\n`;
  if (path === undefined) return { write: () => undefined, [Symbol.dispose]: () => undefined };
  if (path === "-")
    return { write: (recorded) => shell.writeOutput(line(recorded)), [Symbol.dispose]: () => undefined };
  const file = openSync(resolvePath(shell.cwd, path), "w");
  return { write: (recorded) => void writeSync(file, line(recorded)), [Symbol.dispose]: () => closeSync(file) };
}

/** Runs a command line on the bus, and gives its exit code. */
function runCommand(line: string, cwd: string, env: Readonly<Record<string, string>>): Promise<number> {
  const child = spawn(line, { shell: true, cwd, stdio: "inherit", env: { ...process.env, ...env } });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? EXIT.findings));
  });
}

/** Waits until somebody ends the program, or the bus is gone. */
async function ended(bus: Bus): Promise<void> {
  const isStopped = Symbol("stopped");
  const stopped = new Promise<typeof isStopped>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve(isStopped));
  });
  const first = await Promise.race([stopped, bus.closed]);
  if (first !== isStopped) throw new UsageError("the bus is gone");
}
