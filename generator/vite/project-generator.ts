import { resolve, sep } from "node:path";
import { buildProject, type Inputs, type OutputProject, projectInputs } from "../cli/config/build.ts";
import type { Config } from "../cli/config/config.ts";
import { ConfigError } from "../cli/config/load.ts";
import { readProject } from "../cli/config/project.ts";
import { readSpecFiles } from "../cli/config/specs.ts";
import { UsageError } from "../cli/usage-error.ts";
import { applyWritePlan } from "../compiler/write/output-folder.ts";
import { doubtfulDeletion } from "../compiler/write/write-plan.ts";
import type { BundlerLog } from "./bundler.ts";
import { logMessage, toErrorLog, toLog } from "./bundler-log.ts";

/** The result of one run. */
export interface GenerateResult {
  readonly warnings: readonly BundlerLog[];
  readonly error?: BundlerLog;
  /** Files and folders that decide the result, with absolute paths. */
  readonly inputs: Inputs;
}

/** A generator of the modules of a project, which runs once at a time. */
export class ProjectGenerator {
  cwd = process.cwd();
  readonly #config: string | false | undefined;
  readonly #overrides: Config;
  #inputs: Inputs = { files: [], folders: [] };
  #lastRun: Promise<unknown> = Promise.resolve();

  /** @param config - The config file, or false for none; default: the nearest one. */
  constructor(config: string | false | undefined, overrides: Config) {
    this.#config = config;
    this.#overrides = overrides;
  }

  /** Returns whether a file, with absolute path, can change the result. */
  isInput(path: string): boolean {
    const { files, folders } = this.#absoluteInputs();
    return files.includes(path) || (path.endsWith(".xml") && folders.some((folder) => path.startsWith(folder + sep)));
  }

  /** Reads config and specs, and writes the modules that have changed. */
  run(): Promise<GenerateResult> {
    const result = this.#lastRun.then(() => this.#run());
    this.#lastRun = result.catch(() => undefined);
    return result;
  }

  async #run(): Promise<GenerateResult> {
    try {
      const result = await this.#generate();
      return { ...result, inputs: this.#absoluteInputs() };
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      if (error instanceof ConfigError)
        this.#inputs = { ...this.#inputs, files: [...this.#inputs.files, ...error.files] };
      return {
        warnings: [],
        error: { message: logMessage([error.message, ...error.details]) },
        inputs: this.#absoluteInputs(),
      };
    }
  }

  async #generate(): Promise<Omit<GenerateResult, "inputs">> {
    const project = await this.#readProject();
    // Files that were included by specs stay inputs while the specs are read.
    this.#inputs = union(projectInputs(project), this.#inputs);
    const specFiles = await readSpecFiles(project, { cwd: this.cwd, stdin: async function* () {} });
    this.#inputs = projectInputs(project, specFiles);
    const { diagnostics, plan } = await buildProject(project, specFiles);
    const [firstError, ...otherErrors] = diagnostics.filter(({ severity }) => severity === "error");
    const warnings = diagnostics
      .filter(({ severity }) => severity === "warning")
      .map((diagnostic) => toLog(diagnostic, this.cwd));
    if (firstError !== undefined) return { warnings, error: toErrorLog([firstError, ...otherErrors], this.cwd) };
    if (plan === undefined) return { warnings };
    const [refused] = plan.refused;
    if (refused !== undefined)
      return {
        warnings,
        error: { message: logMessage([`will not write ${project.out}/${refused.path}: ${refused.reason}`]) },
      };
    const doubt = doubtfulDeletion(plan, diagnostics);
    if (doubt !== undefined) {
      const message = `will not delete modules of ${project.out}: ${doubt}`;
      return { warnings, error: { message: logMessage([message, "dbus-codegen generate --force deletes them"]) } };
    }
    await applyWritePlan(resolve(this.cwd, project.out), plan);
    return { warnings };
  }

  async #readProject(): Promise<OutputProject> {
    const { checkConfig } = await import("../cli/config/schema.ts");
    const { config, problems } = checkConfig(this.#overrides);
    if (config === undefined) throw new ConfigError(`options of dbusCodegen: ${problems.join("; ")}`, []);
    const choice = this.#config === false ? "none" : this.#config === undefined ? "find" : { file: this.#config };
    const text = { path: "<options of dbusCodegen>", content: "" };
    const project = await readProject(this.cwd, choice, { config, text });
    const { specs, out } = project;
    if (specs.length === 0 || out === undefined) {
      const missing = out === undefined ? "out" : "specs";
      throw new ConfigError(`set ${missing} in a config or in the options of dbusCodegen`, []);
    }
    return { ...project, out };
  }

  #absoluteInputs(): Inputs {
    const absolute = (path: string): string => resolve(this.cwd, path);
    return { files: this.#inputs.files.map(absolute), folders: this.#inputs.folders.map(absolute) };
  }
}

function union(left: Inputs, right: Inputs): Inputs {
  return {
    files: [...new Set([...left.files, ...right.files])],
    folders: [...new Set([...left.folders, ...right.folders])],
  };
}
