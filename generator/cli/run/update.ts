import { readdir } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { Source } from "../../compiler/diagnostics/source.ts";
import { applyWritePlan } from "../../compiler/write/output-folder.ts";
import type { ServiceBus } from "../../tools/add/running-service.ts";
import { hasAddedSpecs, planSpecFiles, type SpecFilesPlan } from "../../tools/add/spec-files.ts";
import { compareSpecs } from "../../tools/breaking/compare-specs.ts";
import { changeToDiagnostic, summaryOf } from "../../tools/breaking/report.ts";
import { type Api, readCatalogue } from "../../tools/catalogue/catalogue.ts";
import { type Project, readConfig, readProject } from "../config/project.ts";
import { readSpecs } from "../config/specs.ts";
import { EXIT, type Shell } from "../shell.ts";
import { UsageError } from "../usage-error.ts";
import { generateAdded, specFolders } from "./added-project.ts";
import { findServiceSpecs, originLines } from "./find-service.ts";
import { checkRefused } from "./output-plan.ts";
import { choiceOf } from "./project.ts";
import { count, diagnosticLines } from "./report.ts";
import { withServiceBuses } from "./service-buses.ts";

export interface UpdateArguments {
  /** Services to update, by their names or the folders of their specs; empty for all added services. */
  readonly names: readonly string[];
  /** Value of `--bus`; default: session bus and system bus. */
  readonly bus: string | undefined;
  /** Whether nothing is written. */
  readonly isCheck: boolean;
  /** Value of `--config`. */
  readonly config: string | undefined;
}

/** A service whose specs `add` has written into the project. */
interface Added {
  readonly name: string;
  /** Absolute path of the folder of its specs. */
  readonly folder: string;
}

/** Updates the specs of added services, prints the changes and generates. Returns the exit code. */
export async function runUpdate({ names, bus, isCheck, config }: UpdateArguments, shell: Shell): Promise<number> {
  const loaded = await readConfig(shell.cwd, choiceOf(config));
  if (loaded === undefined) throw new UsageError("there is no config, so nothing was added: dbus-codegen add <name>");
  const overrides = { config: {}, text: { path: "<command line>", content: "" } };
  const project = await readProject(shell.cwd, { file: loaded.file }, overrides);
  const folders = specFolders(loaded.config).map((folder) => join(dirname(loaded.file), folder));
  const added = selectAdded(await addedServices(folders), names);
  const catalogue = await readCatalogue();
  const changes = await withServiceBuses(bus, async ({ buses }) => {
    let sum = 0;
    for (const service of added) sum += await updateService(service, project, catalogue, buses, isCheck, shell);
    return sum;
  });
  if (isCheck) return changes === 0 ? EXIT.success : EXIT.findings;
  return generateAdded(loaded.file, shell);
}

/** Returns the services whose specs `add` has written into the folders of specs that the config names. */
async function addedServices(folders: readonly string[]): Promise<readonly Added[]> {
  const added: Added[] = [];
  for (const parent of folders) {
    const entries = await readdir(parent, { withFileTypes: true }).catch(() => []);
    for (const { name } of entries.filter((entry) => entry.isDirectory())) {
      const folder = join(parent, name);
      if (await hasAddedSpecs(folder)) added.push({ name, folder });
    }
  }
  return added;
}

function selectAdded(added: readonly Added[], names: readonly string[]): readonly Added[] {
  const present = added.map(({ name }) => name);
  const unknown = names.find((name) => !present.includes(name));
  if (unknown !== undefined)
    throw new UsageError(`"${unknown}" was not added; the added services are ${present.join(", ") || "none"}`);
  if (added.length === 0) throw new UsageError("nothing was added: dbus-codegen add <name>");
  return names.length === 0 ? added : added.filter(({ name }) => names.includes(name));
}

/** Updates the specs of one service and prints what changed. Returns the number of files that change. */
async function updateService(
  { name, folder }: Added,
  project: Project,
  catalogue: readonly Api[],
  buses: readonly ServiceBus[],
  isCheck: boolean,
  shell: Shell,
): Promise<number> {
  const { service, specs, diagnostics } = await findServiceSpecs(name, catalogue, buses);
  shell.printError(diagnosticLines(diagnostics));
  if (specs.length === 0) {
    shell.printError([`${name}: not found on this machine, nothing changed`]);
    return 0;
  }
  const planned = await planSpecFiles(specs, folder, service.api === undefined);
  const { plan, kept } = planned;
  checkRefused({ out: relative(shell.cwd, folder), plan });
  shell.printOutput([name, ...originLines(specs)]);
  if (kept.length > 0) shell.printOutput([`  ${count(kept.length, "file")} kept, because no newer spec was found`]);
  await printChanges(planned, project, shell);
  if (!isCheck) await applyWritePlan(folder, plan);
  return plan.steps.filter(({ kind }) => kind !== "keep").length;
}

/** Prints the differences of the specs before and after an update, in the form of `breaking`. */
async function printChanges({ before, after }: SpecFilesPlan, project: Project, shell: Shell): Promise<void> {
  const overlays = await readSpecs({ specs: [], overlays: project.overlays }, shell);
  const sources = (files: readonly { path: string; text: string }[]): readonly Source[] => [
    ...files.map(({ path, text }) => ({ path, content: text })),
    ...overlays,
  ];
  const { changes, bump, diagnostics } = compareSpecs(sources(before), sources(after), project.options);
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  shell.printOutput(diagnosticLines([...errors, ...changes.map(changeToDiagnostic)]));
  shell.printError([summaryOf(changes, bump, "the present specs")]);
}
