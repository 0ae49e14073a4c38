import { dirname, join, relative, resolve } from "node:path";
import { applyWritePlan, replaceFile } from "../../compiler/write/output-folder.ts";
import { planSpecFiles } from "../../tools/add/spec-files.ts";
import { readCatalogue } from "../../tools/catalogue/catalogue.ts";
import { catalogueReference } from "../config/catalogue-path.ts";
import { type AddedSettings, type ExtendedConfig, extendConfig } from "../config/extend-config.ts";
import type { LoadedConfig } from "../config/load.ts";
import { readConfig } from "../config/project.ts";
import { EXIT, type Shell } from "../shell.ts";
import { UsageError } from "../usage-error.ts";
import { addedFolder, generateAdded } from "./added-project.ts";
import { findServiceSpecs, originLines, unknownName } from "./find-service.ts";
import { checkRefused } from "./output-plan.ts";
import { choiceOf } from "./project.ts";
import { count, countErrors, diagnosticLines } from "./report.ts";
import { withServiceBuses } from "./service-buses.ts";

export interface AddArguments {
  /** Name of a service in the catalogue, a bus name or an interface name. */
  readonly name: string;
  /** Value of `--bus`; default: session bus and system bus. */
  readonly bus: string | undefined;
  /** Output folder that is written into a config without an output folder. */
  readonly out: string | undefined;
  /** Whether the changes are only printed. */
  readonly dryRun: boolean;
  /** Value of `--config`. */
  readonly config: string | undefined;
}

/** Adds a service to the project: writes its specs, extends the config and generates. Returns the exit code. */
export async function runAdd(args: AddArguments, shell: Shell): Promise<number> {
  const { name, dryRun } = args;
  const loaded = await readConfig(shell.cwd, choiceOf(args.config));
  const catalogue = await readCatalogue();
  const found = await withServiceBuses(args.bus, async ({ buses, problems }) => {
    const result = await findServiceSpecs(name, catalogue, buses);
    if (result.specs.length > 0) return result;
    shell.printError(diagnosticLines(result.diagnostics));
    throw new UsageError(await unknownName(name, catalogue, buses), { details: problems });
  });
  const { service, specs, services, diagnostics } = found;
  shell.printError(diagnosticLines(diagnostics));
  shell.printOutput([`${service.folder}${service.api ? `: ${service.api.title}` : ""}`, ...originLines(specs)]);
  const { api } = service;
  if (api !== undefined && specs.every(({ origin }) => origin.kind === "catalogue"))
    shell.printError([
      `it runs on no bus of this machine, and no installed file describes it; Debian packages: ${api.debian.join(", ")}`,
    ]);

  const root = loaded === undefined ? shell.cwd : dirname(loaded.file);
  const folder = addedFolder(loaded?.config, service.folder);
  const { plan } = await planSpecFiles(specs, join(root, folder.path), service.api === undefined);
  checkRefused({ out: folder.path, plan });
  const settings: AddedSettings = {
    specs: folder.settings,
    overlays: service.api === undefined ? [] : [catalogueReference(service.api.name)],
    services,
    out: outOf(args.out, root, shell),
  };
  const config = await extendConfig(root, loaded, settings);
  const changed = plan.steps.filter(({ kind }) => kind !== "keep").length;
  const verb = dryRun ? "would write" : "wrote";
  shell.printOutput([`${verb} ${count(changed, "spec")} in ${shown(join(root, folder.path), shell)}`]);
  if (!dryRun) await applyWritePlan(join(root, folder.path), plan);
  const isComplete = await writeConfig(config, loaded, settings, dryRun, shell);
  if (dryRun) return EXIT.success;
  if (!isComplete) return EXIT.findings;
  const code = await generateAdded(config.file, shell);
  return countErrors(diagnostics) > 0 ? EXIT.findings : code;
}

/** Returns the output folder relative to the folder of the config. */
function outOf(out: string | undefined, root: string, { cwd }: Shell): string {
  return out === undefined ? "generated" : relative(root, resolve(cwd, out)) || ".";
}

/** Writes a config. If the user has to add the settings, prints them and returns false. */
async function writeConfig(
  { file, text, isChanged }: ExtendedConfig,
  loaded: LoadedConfig | undefined,
  { specs, overlays, services }: AddedSettings,
  dryRun: boolean,
  shell: Shell,
): Promise<boolean> {
  if (text === undefined) {
    shell.printError([
      `${shown(file, shell)} computes its settings; add these, then run dbus-codegen generate:`,
      ...(specs.length > 0 ? [`  specs: ${JSON.stringify(specs)}`] : []),
      ...(overlays.length > 0 ? [`  overlays: ${JSON.stringify(overlays)}`] : []),
      ...(Object.keys(services).length > 0 ? [`  services: ${JSON.stringify(services)}`] : []),
    ]);
    return false;
  }
  const verb = dryRun ? "would " : "";
  const [write, extend] = dryRun ? ["write", "extend"] : ["wrote", "extended"];
  if (isChanged) shell.printOutput([`${verb}${loaded === undefined ? write : extend} ${shown(file, shell)}`]);
  if (isChanged && !dryRun) await replaceFile(file, text);
  return true;
}

function shown(path: string, { cwd }: Shell): string {
  return relative(cwd, path);
}
