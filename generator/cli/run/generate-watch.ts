import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { type Inputs, projectInputs } from "../config/build.ts";
import { CONFIG_FILES, ConfigError } from "../config/load.ts";
import type { Project } from "../config/project.ts";
import { readSpecFiles, type SpecFiles } from "../config/specs.ts";
import { EXIT, type Shell } from "../shell.ts";
import { isSystemError, systemErrorMessage } from "../system-error.ts";
import { UsageError } from "../usage-error.ts";
import { runOnChange } from "../watch/run-on-change.ts";
import { type GenerateRunOptions, runGenerate, toOutputProject } from "./generate.ts";

/**
 * Generates now and after each change of a spec, an included file or the config, until the user interrupts.
 * @param readProject - Reads the config and returns the project; called before each run.
 */
export async function watchAndGenerate(
  readProject: () => Promise<Project>,
  options: GenerateRunOptions,
  shell: Shell,
): Promise<number> {
  const generation = new WatchedGeneration(readProject, options, shell);
  await runOnChange(() => generation.run(), shell.waitForInterrupt());
  return EXIT.success;
}

/** A prepared run, which is executed only if its fingerprint differs from that of the last run. */
interface Task {
  /** Text that is equal for two runs if their inputs are equal, or if the same error prevents both. */
  readonly fingerprint: string;
  execute(): Promise<unknown>;
}

class WatchedGeneration {
  readonly #readProject: () => Promise<Project>;
  readonly #options: GenerateRunOptions;
  readonly #shell: Shell;
  #inputs: Inputs = { files: CONFIG_FILES, folders: [] };
  #lastFingerprint: string | undefined;

  constructor(readProject: () => Promise<Project>, options: GenerateRunOptions, shell: Shell) {
    this.#readProject = readProject;
    this.#options = options;
    this.#shell = shell;
  }

  /** Generates if an input differs from the last run. Returns the inputs to watch, with absolute paths. */
  async run(): Promise<Inputs> {
    const isFirst = this.#lastFingerprint === undefined;
    const { fingerprint, execute } = await this.#prepare().catch((error: unknown) => this.#failedTask(error));
    if (fingerprint !== this.#lastFingerprint) {
      if (!isFirst && this.#shell.errorTerminal) this.#shell.clearTerminal();
      this.#lastFingerprint = fingerprint;
      await execute().catch((error: unknown) => {
        // An error of the first run ends the command. Later errors concern files, which the user can correct.
        if (isFirst || !isFileError(error)) throw error;
        this.#shell.printError([
          `dbus-codegen: ${isSystemError(error) ? systemErrorMessage(error) : error.message}`,
          ...(error instanceof UsageError ? error.details : []),
        ]);
      });
    }
    if (isFirst) this.#shell.printError(["watching for changes; press Ctrl+C to stop"]);
    return this.#absoluteInputs();
  }

  async #prepare(): Promise<Task> {
    const project = toOutputProject(await this.#readProject(), this.#options.usage);
    if (project.specs.includes("-")) throw new UsageError("--watch needs files: standard input can be read only once");
    this.#inputs = projectInputs(project);
    const specFiles = await readSpecFiles(project, this.#shell);
    this.#inputs = projectInputs(project, specFiles);
    return {
      fingerprint: fingerprintOf(project, specFiles),
      execute: () => runGenerate(project, specFiles, this.#options, this.#shell),
    };
  }

  #failedTask(error: unknown): Task {
    if (error instanceof ConfigError) {
      this.#inputs = { ...this.#inputs, files: [...new Set([...this.#inputs.files, ...error.files])] };
    }
    return { fingerprint: String(error), execute: () => Promise.reject(error) };
  }

  #absoluteInputs(): Inputs {
    const absolute = (path: string): string => resolve(this.#shell.cwd, path);
    return {
      files: [...CONFIG_FILES, ...this.#inputs.files].map(absolute),
      folders: this.#inputs.folders.map(absolute),
    };
  }
}

/** Returns whether the cause of an error is a file: a usage error or a failed system call. */
function isFileError(error: unknown): error is Error {
  return error instanceof UsageError || isSystemError(error);
}

/** Returns a hash of everything that decides the generated modules. */
function fingerprintOf({ specs, overlays, exclude, out, options, rules }: Project, { sources }: SpecFiles): string {
  const hash = createHash("sha256").update(JSON.stringify([specs, overlays, exclude, out, options, rules]));
  for (const { path, content } of sources) hash.update(`\0${path}\0`).update(content);
  return hash.digest("hex");
}
