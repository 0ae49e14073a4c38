import { relative, resolve } from "node:path";
import { analyze } from "../../compiler/analyze.ts";
import { Diagnostics } from "../../compiler/diagnostics/diagnostic.ts";
import type { Source } from "../../compiler/diagnostics/source.ts";
import { decideNames } from "../../compiler/names/decide-names.ts";
import { shellWord } from "../../compiler/text/escape.ts";
import { nearestWord } from "../../compiler/text/nearest-word.ts";
import { exampleSpec } from "../../tools/scaffold/example-spec.ts";
import { type Packages, plainProject, serviceProject } from "../../tools/scaffold/project.ts";
import { projectNames } from "../../tools/scaffold/project-names.ts";
import { applyProject, type Project, type ProjectStep, planProject } from "../../tools/scaffold/project-plan.ts";
import { relocate } from "../../tools/scaffold/relocate.ts";
import { readSpecs } from "../config/specs.ts";
import { EXIT, type Shell } from "../shell.ts";
import { UsageError } from "../usage-error.ts";
import { projectPackages } from "./package-versions.ts";
import { diagnosticLines } from "./report.ts";

export interface InitArguments {
  readonly folder: string;
  /** Whether the steps are only printed. */
  readonly dryRun: boolean;
}

/** Writes a project that generates clients. Returns the exit code. */
export async function initClient(args: InitArguments, shell: Shell): Promise<number> {
  await writeProject(plainProject, ["npm install", "npm run generate"], args, shell);
  return EXIT.success;
}

/**
 * Writes a project that serves an interface. Returns the exit code.
 * @param specs - Specs that declare the interface; default: an example.
 */
export async function initService(
  interfaceName: string,
  { specs: paths, ...args }: InitArguments & { readonly specs: readonly string[] | undefined },
  shell: Shell,
): Promise<number> {
  const names = projectNames(interfaceName);
  if (typeof names === "string") throw new UsageError(names);
  const sources: readonly Source[] =
    paths === undefined
      ? [{ path: `${names.interface}.xml`, content: exampleSpec(names.interface) }]
      : await readSpecs({ specs: paths }, shell);
  const specs = relocate(sources, shell.cwd, names.interface);
  const { ir, identifiers, diagnostics } = resolveSpecs(specs);
  // Messages must contain the user's file names, so the sources themselves are resolved if there are problems.
  if (diagnostics.sorted().length > 0) shell.printError(diagnosticLines(resolveSpecs(sources).diagnostics.sorted()));
  if (diagnostics.hasErrors) {
    shell.printError(["nothing written"]);
    return EXIT.findings;
  }
  const declared = ir.interfaces.map(({ name }) => name);
  if (!declared.includes(names.interface)) throw new UsageError(undeclaredInterface(names.interface, declared));
  const project = (packages: Packages): Promise<Project> => serviceProject(names, { specs, ir, identifiers }, packages);
  await writeProject(project, ["npm install", "npm test", "npm start"], args, shell);
  return EXIT.success;
}

function resolveSpecs(sources: readonly Source[]) {
  const diagnostics = new Diagnostics();
  const { ir } = analyze(sources, diagnostics);
  return { ir, identifiers: decideNames(ir, diagnostics), diagnostics };
}

function undeclaredInterface(name: string, declared: readonly string[]): string {
  const nearest = nearestWord(name, declared);
  const hint = nearest === undefined ? `they declare ${declared.join(", ") || "none"}` : `did you mean ${nearest}?`;
  return `the specs do not declare ${name}; ${hint}`;
}

/** Writes the files of a project, then prints the steps and the commands to run next. */
async function writeProject(
  project: (packages: Packages) => Project | Promise<Project>,
  commands: readonly string[],
  { folder: name, dryRun }: InitArguments,
  shell: Shell,
): Promise<void> {
  const folder = resolve(shell.cwd, name);
  const steps = await planProject(folder, await project(await projectPackages()));
  if (!dryRun) await applyProject(folder, steps);
  shell.printOutput(steps.map((step) => stepLine(step, dryRun)));
  if (dryRun) return;
  const vendored = steps.filter(({ kind, isVendored }) => kind === "create" && isVendored).map(({ path }) => path);
  if (vendored.length > 0)
    shell.printError([
      `${vendored.join(" and ")} contain this dbus-codegen, because it runs from a clone and is in no registry`,
    ]);
  shell.printError([`next: ${[...enterFolder(folder, shell), ...commands].join(" && ")}`]);
}

const DONE = { create: "wrote", extend: "extended", leave: "kept" } as const;
const PLANNED = { create: "would write", extend: "would extend", leave: "would keep" } as const;

function stepLine({ kind, path, note }: ProjectStep, dryRun: boolean): string {
  const verbs = dryRun ? PLANNED : DONE;
  const width = Math.max(...Object.values(verbs).map(({ length }) => length));
  return `${verbs[kind].padEnd(width)}  ${path}${note === undefined ? "" : `: ${note}`}`;
}

function enterFolder(folder: string, { cwd }: Shell): readonly string[] {
  const path = relative(cwd, folder);
  return path === "" ? [] : [`cd ${shellWord(path.startsWith("-") ? `./${path}` : path)}`];
}
