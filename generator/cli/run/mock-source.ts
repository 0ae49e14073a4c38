import { resolve as resolvePath } from "node:path";
import { type Bus, isBusName, isObjectPath } from "@dbus-codegen-ts/runtime";
import { analyze } from "../../compiler/analyze.ts";
import { Diagnostics } from "../../compiler/diagnostics/diagnostic.ts";
import type { Source } from "../../compiler/diagnostics/source.ts";
import { readFailure, readRegularFile } from "../../compiler/read/regular-file.ts";
import type { Interface } from "../../compiler/resolve/ir.ts";
import { nearestWord } from "../../compiler/text/nearest-word.ts";
import { listing } from "../../compiler/text/shorten.ts";
import { loadTemplate } from "../../tools/mock/load-template.ts";
import { MockObjects } from "../../tools/mock/mock-objects.ts";
import { type RecordedCall, recordedCall } from "../../tools/mock/observed-call.ts";
import { type ScriptedObject, unscriptedObject } from "../../tools/mock/script.ts";
import { ScriptedMock } from "../../tools/mock/scripted-mock.ts";
import type { TemplateCommand } from "../../tools/mock/template.ts";
import { parseCommand } from "../../tools/mock/template-command.ts";
import { templateNames } from "../../tools/mock/template-names.ts";
import type { Project } from "../config/project.ts";
import { readSpecs } from "../config/specs.ts";
import type { Shell } from "../shell.ts";
import { UsageError } from "../usage-error.ts";
import { diagnosticLines } from "./report.ts";

/** Receives the calls of a mock. */
export type RecordFunction = (call: RecordedCall) => void;

/** Everything that a mock serves, read from specs or from a template. */
export interface MockSource {
  /** Bus name to own. */
  readonly name: string;
  readonly interfaces: readonly Interface[];
  serve(bus: Bus, record: RecordFunction): Promise<ServedMock>;
}

/** The objects of a mock. Disposing of it ends serving them. */
export interface ServedMock extends AsyncDisposable {
  readonly objects: MockObjects;
  readonly commands: Readonly<Record<string, TemplateCommand>>;
}

/** Arguments that determine the objects of a mock of specs. */
export interface SpecsMockArguments {
  readonly name: string | undefined;
  readonly path: string | undefined;
  /** Path of the mock script. */
  readonly values: string | undefined;
}

/** Reads a mock from the specs of a project. Returns undefined after printing errors of specs or script. */
export async function readSpecsMock(
  project: Project,
  args: SpecsMockArguments,
  shell: Shell,
): Promise<MockSource | undefined> {
  const diagnostics = new Diagnostics();
  const { interfaces } = analyze(await readSpecs(project, shell), diagnostics, project.options, new Diagnostics()).ir;
  const name = args.name ?? commonPrefix(interfaces.map((iface) => iface.name));
  const path = args.path ?? `/${name.replaceAll(".", "/").replaceAll("-", "_")}`;
  if (!diagnostics.hasErrors) {
    if (interfaces.length === 0) throw new UsageError("the specs declare no interface");
    checkName(name);
    if (!isObjectPath(path)) throw new UsageError(`--path: "${path}" is not an object path`);
  }
  const objects = await readObjects(args.values, interfaces, path, diagnostics, shell);
  const errors = diagnostics.sorted().filter(({ severity }) => severity === "error");
  if (errors.length > 0) {
    shell.printError([...diagnosticLines(errors), "there are errors, nothing is served"]);
    return undefined;
  }
  const serve = async (bus: Bus, record: RecordFunction): Promise<ServedMock> => {
    const mock = await ScriptedMock.serve(bus, objects, record);
    return { objects: mock.objects, commands: {}, [Symbol.asyncDispose]: () => mock[Symbol.asyncDispose]() };
  };
  return { name, interfaces, serve };
}

/**
 * Reads a mock from a template of the catalogue.
 * @param setup - Texts of commands that run before the bus name is requested.
 */
export async function readTemplateMock(
  template: string,
  name: string | undefined,
  setup: readonly string[],
): Promise<MockSource> {
  const known = templateNames();
  if (!known.includes(template)) {
    const near = nearestWord(template, known);
    const hint = near === undefined ? `the templates are ${listing(known)}` : `did you mean ${near}?`;
    throw new UsageError(`--template: "${template}" is not a template; ${hint}`);
  }
  const { template: loaded, sources } = await loadTemplate(template);
  const { interfaces } = analyze(sources, new Diagnostics()).ir;
  if (name !== undefined) checkName(name);
  const serve = async (bus: Bus, record: RecordFunction): Promise<ServedMock> => {
    const { objects, commands } = await loaded.serve(new MockObjects(bus, (call) => record(recordedCall(call))));
    for (const text of setup) await runSetup(text, commands, interfaces);
    return { objects, commands, [Symbol.asyncDispose]: () => objects[Symbol.asyncDispose]() };
  };
  return { name: name ?? loaded.busName, interfaces, serve };
}

async function runSetup(
  text: string,
  commands: Readonly<Record<string, TemplateCommand>>,
  interfaces: readonly Interface[],
): Promise<void> {
  const parsed = parseCommand(text, commands, interfaces);
  if (typeof parsed === "string") throw new UsageError(`--setup: ${parsed}`);
  try {
    await parsed.command.run(parsed.args, parsed.properties);
  } catch (error) {
    throw new UsageError(`--setup ${text}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
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

function checkName(name: string): void {
  if (!isBusName(name) || name.startsWith(":"))
    throw new UsageError(`--name: "${name}" is not a well-known bus name, such as org.example.Jukebox1`);
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
