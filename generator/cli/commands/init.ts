import { relative, resolve } from "node:path";
import { analyze } from "../../compiler/analyze.ts";
import { Diagnostics } from "../../compiler/diagnostics/diagnostic.ts";
import { render } from "../../compiler/diagnostics/render.ts";
import type { Source } from "../../compiler/diagnostics/source.ts";
import { decideNames } from "../../compiler/names/decide-names.ts";
import { nearestWord } from "../../compiler/text/nearest-word.ts";
import { exampleSpec } from "../../tools/scaffold/example-spec.ts";
import { applyProject, MANIFEST, type Project, type ProjectStep, planProject } from "../../tools/scaffold/plan.ts";
import { plainProject, serviceProject } from "../../tools/scaffold/project.ts";
import { type ProjectNames, projectNames } from "../../tools/scaffold/project-names.ts";
import { relocate } from "../../tools/scaffold/relocate.ts";
import { readSpecs } from "../config/specs.ts";
import { UsageError } from "../usage-error.ts";
import type { Command, Flags } from "./command.ts";
import { type OwnPackages, ownPackages } from "../run/package-versions.ts";
import { EXIT, type Shell } from "../shell.ts";

const FLAGS = {
  spec: {
    type: "string",
    value: "<spec>",
    multiple: true,
    help: "of a service: a file or folder that declares its interface; an example unless given",
  },
  "dry-run": { type: "boolean", help: "say what would be written, write nothing" },
} as const satisfies Flags;

const USAGE = "[folder]\n  dbus-codegen init service <interface> [folder]";

/** `dbus-codegen init`. */
export const INIT: Command<typeof FLAGS> = {
  name: "init",
  usage: USAGE,
  about: `Writes what a project needs that generates from specs: an example, scripts for npm. With "service" it writes a
project that runs: a class to edit, a program, a client, a test, and the files that a system needs to start it.

What is there is left alone; package.json and .gitignore get what they lack.`,
  flags: FLAGS,
  examples: [
    "dbus-codegen init",
    "dbus-codegen init service org.example.Jukebox1 jukebox",
    "dbus-codegen init service net.connman.Session --spec specs/connman",
  ],
  async run({ flags: { spec, "dry-run": dryRun = false }, positionals }, shell) {
    const [first, ...rest] = positionals;
    if (first !== "service") {
      if (spec !== undefined) throw new UsageError('--spec is for "init service <interface>"');
      const folder = onlyFolder(positionals);
      await write(plainProject, ["npm install", "npm run generate"], folder, dryRun, shell);
      return EXIT.fine;
    }
    const [name, ...folders] = rest;
    if (name === undefined) throw new UsageError("name the interface: dbus-codegen init service <interface> [folder]");
    const names = projectNames(name);
    if (typeof names === "string") throw new UsageError(names);
    return initService(names, { specs: spec, folder: onlyFolder(folders), dryRun }, shell);
  },
};

interface ServiceArguments {
  readonly specs: readonly string[] | undefined;
  readonly folder: string;
  readonly dryRun: boolean;
}

async function initService(names: ProjectNames, args: ServiceArguments, shell: Shell): Promise<number> {
  const sources = await sourcesOf(names, args.specs, shell);
  const diagnostics = new Diagnostics();
  const { ir } = analyze(sources, diagnostics);
  decideNames(ir, diagnostics);
  shell.writeError(render(diagnostics.sorted(), "frame", shell.color));
  if (diagnostics.hasErrors) {
    shell.writeError("nothing written\n");
    return EXIT.findings;
  }
  checkDeclared(
    names.interface,
    ir.interfaces.map(({ name }) => name),
  );
  const specs = relocate(sources, shell.cwd, names.interface);
  const project = (packages: OwnPackages): Promise<Project> => serviceProject(names, specs, packages);
  await write(project, ["npm install", "npm test", "npm start"], args.folder, args.dryRun, shell);
  return EXIT.fine;
}

function sourcesOf(
  { interface: name }: ProjectNames,
  specs: readonly string[] | undefined,
  shell: Shell,
): Promise<readonly Source[]> | readonly Source[] {
  return specs === undefined ? [{ path: `${name}.xml`, content: exampleSpec(name) }] : readSpecs(specs, shell);
}

function checkDeclared(name: string, declared: readonly string[]): void {
  if (declared.includes(name)) return;
  const near = nearestWord(name, declared);
  const hint = near === undefined ? `they declare ${declared.join(", ") || "none"}` : `did you mean ${near}?`;
  throw new UsageError(`the specs do not declare ${name}; ${hint}`);
}

function onlyFolder([folder = ".", ...more]: readonly string[]): string {
  if (more.length > 0) throw new UsageError("name one folder at most");
  return folder;
}

/** Writes a project, and says what to do with it. */
async function write(
  project: (packages: OwnPackages) => Project | Promise<Project>,
  commands: readonly string[],
  name: string,
  dryRun: boolean,
  shell: Shell,
): Promise<void> {
  const folder = resolve(shell.cwd, name);
  const packages = ownPackages();
  const steps = await planProject(folder, await project(packages));
  if (!dryRun) await applyProject(folder, steps);
  for (const step of steps) shell.writeOutput(`${line(step, dryRun)}\n`);
  if (dryRun) return;
  const depends = steps.some(({ kind, path }) => kind !== "leave" && path === MANIFEST);
  if (depends && packages.sources.length > 0)
    shell.writeError(`${MANIFEST} depends on ${packages.sources.join(" and ")}: this dbus-codegen is no release\n`);
  shell.writeError(`next: ${[...enter(folder, shell), ...commands].join(" && ")}\n`);
}

const DONE = { create: "wrote", extend: "extended", leave: "left alone" } as const;
const PLANNED = { create: "would write", extend: "would extend", leave: "would leave alone" } as const;

function line({ kind, path, note }: ProjectStep, dryRun: boolean): string {
  const words = dryRun ? PLANNED : DONE;
  const width = Math.max(...Object.values(words).map(({ length }) => length));
  return `${words[kind].padEnd(width)}  ${path}${note === undefined ? "" : `: ${note}`}`;
}

function enter(folder: string, { cwd }: Shell): readonly string[] {
  const path = relative(cwd, folder);
  return path === "" ? [] : [`cd ${path}`];
}
