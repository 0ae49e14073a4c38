import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { type Inputs, inputsOf } from "../config/build.ts";
import { CONFIG_FILES, ConfigError } from "../config/load.ts";
import type { Project } from "../config/project.ts";
import { type FoundSpecs, findSpecs } from "../config/specs.ts";
import { UsageError } from "../usage-error.ts";
import { runOnChange } from "../watch/run-on-change.ts";
import type { Watched } from "../watch/file-watcher.ts";
import { outputProject, type RunOptions, runGenerate } from "./generate.ts";
import { EXIT, type Shell } from "../shell.ts";

const CLEAR = "\u001B[2J\u001B[3J\u001B[H";

/**
 * Generates now, and again when specs, what they include or the config have changed, until the user ends it.
 * @param readProject - Reads the config anew.
 */
export async function watchAndGenerate(
  readProject: () => Promise<Project>,
  manner: RunOptions,
  shell: Shell,
): Promise<number> {
  const watching = new Watching(readProject, manner, shell);
  const ended = shell.interrupted?.() ?? new Promise<void>(() => {});
  await runOnChange(() => watching.run(), ended);
  return EXIT.fine;
}

interface Task {
  readonly about: string;
  act(): Promise<unknown>;
}

class Watching {
  readonly #readProject: () => Promise<Project>;
  readonly #manner: RunOptions;
  readonly #shell: Shell;
  #inputs: Inputs = { files: CONFIG_FILES, folders: [] };
  /** What the last run was about: its input, or what was wrong with it. */
  #last: string | undefined;

  constructor(readProject: () => Promise<Project>, manner: RunOptions, shell: Shell) {
    this.#readProject = readProject;
    this.#manner = manner;
    this.#shell = shell;
  }

  /** Generates if anything is new since the last time, and gives what to look at. */
  async run(): Promise<Watched> {
    const isFirst = this.#last === undefined;
    const { about, act } = await this.#look().catch((error: unknown) => this.#fail(error));
    if (about !== this.#last) {
      // What was told about another state of things is gone from the terminal.
      if (!isFirst && this.#shell.terminal) this.#shell.writeError(CLEAR);
      this.#last = about;
      await act().catch((error: unknown) => {
        // A command line that makes no sense ends it; later it is the files that make none, and they can be mended.
        if (isFirst || !isMendable(error)) throw error;
        this.#shell.writeError(`dbus-codegen: ${error.message}\n`);
      });
    }
    if (isFirst) this.#shell.writeError("watching for changes; Ctrl+C ends\n");
    return this.#watched();
  }

  /** What there is to do: what decides it, as a text, and how it is done. */
  async #look(): Promise<Task> {
    const project = outputProject(await this.#readProject());
    if (project.specs.includes("-")) throw new UsageError("--watch needs files: standard input is read once");
    this.#inputs = inputsOf(project);
    const found = await findSpecs(project.specs, this.#shell);
    this.#inputs = inputsOf(project, found);
    return {
      about: fingerprint(project, found),
      act: () => runGenerate(project, found, this.#manner, this.#shell),
    };
  }

  #fail(error: unknown): Task {
    if (error instanceof ConfigError) this.#add(error.files);
    return { about: String(error), act: () => Promise.reject(error) };
  }

  #add(files: readonly string[]): void {
    this.#inputs = { ...this.#inputs, files: [...new Set([...this.#inputs.files, ...files])] };
  }

  #watched(): Watched {
    const absolute = (path: string): string => resolve(this.#shell.cwd, path);
    return {
      files: [...CONFIG_FILES, ...this.#inputs.files].map(absolute),
      folders: this.#inputs.folders.map(absolute),
    };
  }
}

/** Whether an error is about files: a usage error or an answer of the system. */
function isMendable(error: unknown): error is Error {
  return error instanceof UsageError || (error instanceof Error && "syscall" in error);
}

/** Everything that decides what is generated, as one short text. */
function fingerprint({ specs, out, options }: Project, { sources }: FoundSpecs): string {
  const hash = createHash("sha256").update(JSON.stringify([specs, out, options]));
  for (const { path, content } of sources) hash.update(`\0${path}\0`).update(content);
  return hash.digest("hex");
}
