import { resolve, sep } from "node:path";
import { build, type Inputs, inputsOf } from "../cli/config/build.ts";
import { checkConfig } from "../cli/config/check.ts";
import type { Config } from "../cli/config/config.ts";
import { ConfigError } from "../cli/config/load.ts";
import { type Project, readProject } from "../cli/config/project.ts";
import { findSpecs } from "../cli/config/specs.ts";
import { UsageError } from "../cli/usage-error.ts";
import { apply } from "../compiler/write/folder.ts";
import type { BundlerContext, BundlerLog, DbusCodegenPlugin, DevServer } from "./bundler.ts";
import { toError, toLog } from "./bundler-log.ts";

export type { BundlerContext, BundlerLog, DbusCodegenPlugin, DevServer } from "./bundler.ts";

/** What counts before the config file; paths are relative to the root of the project. */
export interface DbusCodegenOptions extends Config {
  /** The config file, or false for none; by default the one in the root, or in the nearest folder around it. */
  readonly config?: string | false;
}

/** Generates when a build begins, and in development whenever specs or the config change. For Vite, Rollup and Rolldown. */
export function dbusCodegen({ config, ...own }: DbusCodegenOptions = {}): DbusCodegenPlugin {
  const generation = new Generation(config, own);
  let development: Development | undefined;
  return {
    name: "dbus-codegen",
    configResolved: ({ root }) => {
      generation.cwd = root;
    },
    configureServer(server) {
      development = new Development(generation, server);
    },
    buildStart: {
      order: "pre",
      sequential: true,
      async handler() {
        const outcome = await generation.run();
        if (development === undefined) tellBundler(outcome, this);
        else development.tell(outcome);
      },
    },
  };
}

/** What came of a run. */
interface Outcome {
  readonly warnings: readonly BundlerLog[];
  readonly error?: BundlerLog;
  /** Everything it depends on, with absolute paths. */
  readonly inputs: Inputs;
}

/** Generates into a project, one run at a time. */
class Generation {
  cwd = process.cwd();
  readonly #config: DbusCodegenOptions["config"];
  readonly #own: Config;
  #inputs: Inputs = { files: [], folders: [] };
  #last: Promise<unknown> = Promise.resolve();

  constructor(config: DbusCodegenOptions["config"], own: Config) {
    this.#config = config;
    this.#own = own;
  }

  /** Whether a change of a file may matter: one that is read, or a spec in a folder. */
  concerns(path: string): boolean {
    const { files, folders } = this.#absolute();
    return files.includes(path) || (path.endsWith(".xml") && folders.some((folder) => path.startsWith(folder + sep)));
  }

  /** Reads everything anew and writes what has changed. */
  run(): Promise<Outcome> {
    const outcome = this.#last.then(() => this.#run());
    this.#last = outcome.catch(() => undefined);
    return outcome;
  }

  async #run(): Promise<Outcome> {
    try {
      const told = await this.#generate();
      return { ...told, inputs: this.#absolute() };
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      if (error instanceof ConfigError)
        this.#inputs = { ...this.#inputs, files: [...this.#inputs.files, ...error.files] };
      return { warnings: [], error: { message: error.message }, inputs: this.#absolute() };
    }
  }

  async #generate(): Promise<Omit<Outcome, "inputs">> {
    const project = await this.#project();
    this.#inputs = inputsOf(project);
    const found = await findSpecs(project.specs, { cwd: this.cwd, stdin: async function* () {} });
    this.#inputs = inputsOf(project, found);
    const { diagnostics, plan } = await build(project, found);
    const [errors, others] = [true, false].map((is) => diagnostics.filter((one) => (one.severity === "error") === is));
    const warnings = (others ?? []).map((one) => toLog(one, this.cwd));
    if (plan === undefined) return { warnings, error: toError(errors ?? [], this.cwd) };
    const [refused] = plan.refused;
    if (refused !== undefined)
      return { warnings, error: { message: `will not write ${project.out}/${refused.path}: ${refused.reason}` } };
    await apply(resolve(this.cwd, project.out), plan);
    return { warnings };
  }

  async #project(): Promise<Project & { readonly out: string }> {
    const { config, problems } = checkConfig(this.#own);
    if (problems !== undefined) throw new ConfigError(`options of dbusCodegen: ${problems.join("; ")}`, []);
    const choice = this.#config === false ? "none" : this.#config === undefined ? "find" : { file: this.#config };
    const text = { path: "<options of dbusCodegen>", content: "" };
    const project = await readProject(this.cwd, choice, { config, text });
    const { specs, out } = project;
    if (specs.length === 0 || out === undefined)
      throw new ConfigError(`name ${out === undefined ? "out" : "specs"} in a config or in options of dbusCodegen`, []);
    return { ...project, out };
  }

  #absolute(): Inputs {
    const absolute = (path: string): string => resolve(this.cwd, path);
    return { files: this.#inputs.files.map(absolute), folders: this.#inputs.folders.map(absolute) };
  }
}

function tellBundler({ warnings, error, inputs }: Outcome, context: BundlerContext): void {
  for (const path of [...inputs.files, ...inputs.folders]) context.addWatchFile(path);
  for (const warning of warnings) context.warn(warning);
  if (error) context.error(error);
}

/** How long nothing may happen before a burst of changes is over, in milliseconds. */
const QUIET = 50;

/** Generates again when something changes, and goes on after an error, which is shown over the page. */
class Development {
  readonly #generation: Generation;
  readonly #server: DevServer;
  #timer: NodeJS.Timeout | undefined;
  #hadError = false;

  constructor(generation: Generation, server: DevServer) {
    this.#generation = generation;
    this.#server = server;
    server.watcher.on("all", (_, path) => {
      if (generation.concerns(resolve(path))) this.#soon();
    });
  }

  tell({ warnings, error, inputs }: Outcome): void {
    const { config, watcher, ws } = this.#server;
    watcher.add([...inputs.files, ...inputs.folders]);
    for (const warning of warnings) config.logger.warn(asText(warning));
    if (error) {
      config.logger.error(asText(error));
      ws.send({ type: "error", err: { stack: "", plugin: "dbus-codegen", ...error } });
    } else if (this.#hadError) {
      // The modules may be what they were before the error: then nothing else takes it off the page.
      ws.send({ type: "full-reload" });
    }
    this.#hadError = error !== undefined;
  }

  #soon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#generation.run().then(
        (outcome) => this.tell(outcome),
        (error: unknown) => this.#server.config.logger.error(String(error)),
      );
    }, QUIET);
  }
}

function asText({ code, message, frame }: BundlerLog): string {
  return `[dbus-codegen] ${code === undefined ? "" : `${code}: `}${message}${frame ? `\n${frame}` : ""}`;
}
