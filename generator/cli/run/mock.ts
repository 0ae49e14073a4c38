import { spawn } from "node:child_process";
import { closeSync, openSync, writeSync } from "node:fs";
import { resolve as resolvePath } from "node:path";
import { type Bus, InvalidValueError, isBusName, isObjectPath, NotSupportedError } from "@dbus-codegen-ts/runtime";
import { analyze } from "../../compiler/analyze.ts";
import { Diagnostics } from "../../compiler/diagnostics/diagnostic.ts";
import type { Source } from "../../compiler/diagnostics/source.ts";
import { readFailure, readRegularFile } from "../../compiler/read/regular-file.ts";
import type { Interface } from "../../compiler/resolve/ir.ts";
import { jsonText } from "../../compiler/text/escape.ts";
import { type PrivateBus, privateBus } from "../../testing/private-bus.ts";
import { type ScriptedObject, unscriptedObject } from "../../tools/mock/script.ts";
import { type RecordedCall, ScriptedMock } from "../../tools/mock/scripted-mock.ts";
import type { Project } from "../config/project.ts";
import { readSpecs } from "../config/specs.ts";
import { EXIT, type Shell } from "../shell.ts";
import { UsageError } from "../usage-error.ts";
import { withBus } from "./bus.ts";
import { diagnosticLines, printJson } from "./report.ts";

export interface MockArguments {
  /** Existing bus; default: a new private bus. */
  readonly bus: string | undefined;
  /** Bus name to own; default: the common prefix of the interface names. */
  readonly name: string | undefined;
  /** Object path; default: the bus name as a path. */
  readonly path: string | undefined;
  /** Mock script. */
  readonly values: string | undefined;
  /** File that calls are written to, or `-` for standard output. */
  readonly record: string | undefined;
  /** Command line to run on the bus. */
  readonly run: string | undefined;
}

/** Serves a mock until the process is interrupted, or until the command line of `run` ends. Returns the exit code. */
export async function runMock(project: Project, args: MockArguments, shell: Shell): Promise<number> {
  const served = await readServedObjects(project, args, shell);
  if (served === undefined) return EXIT.findings;
  if (args.bus !== undefined)
    return withBus(args.bus, (bus) => serve(bus, served, environmentOf(args.bus), args, shell));
  await using daemon = await startPrivateBus();
  const bus = await daemon.connect();
  if (args.run === undefined) shell.printOutput([`DBUS_SESSION_BUS_ADDRESS=${daemon.address}`]);
  return await serve(bus, served, daemon.env, args, shell);
}

/** Returns the environment variables with which a command finds a bus. */
function environmentOf(bus: string | undefined): Readonly<Record<string, string>> {
  return bus === undefined || bus === "session" || bus === "system" ? {} : { DBUS_SESSION_BUS_ADDRESS: bus };
}

/** The bus name and objects of a mock. */
interface ServedObjects {
  readonly name: string;
  readonly objects: readonly ScriptedObject[];
}

/** Returns the objects to serve, or undefined after printing errors of specs or script. */
async function readServedObjects(
  project: Project,
  args: MockArguments,
  shell: Shell,
): Promise<ServedObjects | undefined> {
  const diagnostics = new Diagnostics();
  const { interfaces } = analyze(await readSpecs(project, shell), diagnostics, project.options, new Diagnostics()).ir;
  const name = args.name ?? commonPrefix(interfaces.map((iface) => iface.name));
  const path = args.path ?? `/${name.replaceAll(".", "/").replaceAll("-", "_")}`;
  if (!diagnostics.hasErrors) checkNameAndPath(interfaces, name, path);
  const objects = await readObjects(args.values, interfaces, path, diagnostics, shell);
  const errors = diagnostics.sorted().filter(({ severity }) => severity === "error");
  if (errors.length === 0) return { name, objects };
  shell.printError([...diagnosticLines(errors), "there are errors, nothing is served"]);
  return undefined;
}

async function readObjects(
  values: string | undefined,
  interfaces: readonly Interface[],
  path: string,
  diagnostics: Diagnostics,
  shell: Shell,
): Promise<readonly ScriptedObject[]> {
  if (values === undefined) return [unscriptedObject(path, interfaces)];
  const source = await readScriptFile(values, shell);
  const { readScript } = await import("../../tools/mock/read-script.ts");
  return readScript(source, interfaces, path, diagnostics);
}

function checkNameAndPath(interfaces: readonly Interface[], name: string, path: string): void {
  if (interfaces.length === 0) throw new UsageError("the specs declare no interface");
  if (!isBusName(name) || name.startsWith(":"))
    throw new UsageError(`--name: "${name}" is not a well-known bus name, such as org.example.Jukebox1`);
  if (!isObjectPath(path)) throw new UsageError(`--path: "${path}" is not an object path`);
}

/** Returns the common prefix of interface names, or the first name if the prefix has fewer than two elements. */
function commonPrefix([first = "", ...others]: readonly string[]): string {
  const parts = first.split(".");
  const isShared = (part: string, index: number): boolean => others.every((name) => name.split(".")[index] === part);
  const end = parts.findIndex((part, index) => !isShared(part, index));
  const shared = end === -1 ? parts : parts.slice(0, end);
  return shared.length < 2 ? first : shared.join(".");
}

const MAX_SCRIPT_BYTES = 2 ** 24;

async function readScriptFile(path: string, shell: Shell): Promise<Source> {
  const { content, size } = await readRegularFile(resolvePath(shell.cwd, path), MAX_SCRIPT_BYTES).catch(
    (cause: unknown) => {
      throw new UsageError(`--values: ${readFailure("file", path, cause)}`, { cause });
    },
  );
  if (size <= MAX_SCRIPT_BYTES) return { path, content };
  throw new UsageError(`--values: "${path}" has ${size} bytes; the limit is ${MAX_SCRIPT_BYTES}`);
}

async function startPrivateBus(): Promise<PrivateBus> {
  try {
    return await privateBus();
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

async function serve(
  bus: Bus,
  { name, objects }: ServedObjects,
  env: Readonly<Record<string, string>>,
  { record, run }: MockArguments,
  shell: Shell,
): Promise<number> {
  using journal = openJournal(record, shell);
  await using _ = await serveObjects(bus, objects, journal);
  const request = await bus.requestName(name, { queue: false });
  if (request.state !== "owner") throw new UsageError(`the name ${name} has another owner on the bus`);
  shell.printError(
    objects.map(({ path, interfaces }) => `${name} ${path}: ${interfaces.map(({ spec }) => spec.name).join(", ")}`),
  );
  if (run !== undefined) return await runCommand(run, shell.cwd, env);
  await waitForEnd(bus);
  return EXIT.success;
}

async function serveObjects(bus: Bus, objects: readonly ScriptedObject[], journal: Journal): Promise<ScriptedMock> {
  try {
    return await ScriptedMock.serve(bus, objects, journal.write);
  } catch (error) {
    if (!(error instanceof NotSupportedError || error instanceof InvalidValueError)) throw error;
    throw new UsageError(`the mock cannot be served: ${error.message}`, { cause: error });
  }
}

/** The destination of recorded calls. */
interface Journal extends Disposable {
  write(call: RecordedCall): void;
}

/** Opens the destination of recorded calls. Each call is written synchronously, because mocks are often killed. */
function openJournal(path: string | undefined, shell: Shell): Journal {
  const record = (call: RecordedCall): object => ({ time: new Date().toISOString(), ...call });
  if (path === undefined) return { write: () => undefined, [Symbol.dispose]: () => undefined };
  if (path === "-") return { write: (call) => printJson(record(call), shell, 0), [Symbol.dispose]: () => undefined };
  const file = openSync(resolvePath(shell.cwd, path), "w");
  return {
    write: (call) => void writeSync(file, `${jsonText(record(call))}\n`),
    [Symbol.dispose]: () => closeSync(file),
  };
}

/** Runs a command line and returns its exit code. */
function runCommand(line: string, cwd: string, env: Readonly<Record<string, string>>): Promise<number> {
  const child = spawn(line, { shell: true, cwd, stdio: "inherit", env: { ...process.env, ...env } });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? EXIT.findings));
  });
}

/** Resolves on SIGINT or SIGTERM. Throws UsageError if the bus closes before. */
async function waitForEnd(bus: Bus): Promise<void> {
  const isStopped = Symbol("stopped");
  const stopped = new Promise<typeof isStopped>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve(isStopped));
  });
  const first = await Promise.race([stopped, bus.closed]);
  if (first !== isStopped) throw new UsageError("the bus closed the connection");
}
