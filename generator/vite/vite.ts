import { resolve } from "node:path";
import { debounce } from "@dbus-codegen-ts/runtime/async";
import type { Config } from "../cli/config/config.ts";
import type { BundlerContext, BundlerLog, DbusCodegenPlugin, DevServer } from "./bundler.ts";
import { type GenerateResult, ProjectGenerator } from "./project-generator.ts";

export type { BundlerContext, BundlerLog, DbusCodegenPlugin, DevServer } from "./bundler.ts";

/** Settings that override the config file. Paths are relative to the root of the project. */
export interface DbusCodegenOptions extends Config {
  /** The config file, or false for none. Default: the nearest one in the root and its parents. */
  readonly config?: string | false;
}

/**
 * Returns a plugin for Vite, Rollup and Rolldown that generates modules when a build starts. In development, it also
 * generates after each change of a spec or the config.
 */
export function dbusCodegen({ config, ...overrides }: DbusCodegenOptions = {}): DbusCodegenPlugin {
  const generator = new ProjectGenerator(config, overrides);
  let development: Development | undefined;
  return {
    name: "dbus-codegen",
    configResolved: ({ root }) => {
      generator.cwd = root;
    },
    configureServer(server) {
      development = new Development(generator, server);
    },
    buildStart: {
      order: "pre",
      sequential: true,
      async handler() {
        const result = await generator.run();
        if (development === undefined) reportToBundler(result, this);
        else development.report(result);
      },
    },
  };
}

function reportToBundler({ warnings, error, inputs }: GenerateResult, context: BundlerContext): void {
  for (const path of [...inputs.files, ...inputs.folders]) context.addWatchFile(path);
  for (const warning of warnings) context.warn(warning);
  if (error) context.error(error);
}

/** Time in milliseconds without a change after which a burst of changes counts as ended. */
const QUIET_MS = 50;

/**
 * The generation in a development server. It runs after each change, and continues after an error, which is shown over
 * the page.
 */
class Development {
  readonly #server: DevServer;
  readonly #watchedPaths = new Set<string>();
  #hadError = false;

  constructor(generator: ProjectGenerator, server: DevServer) {
    this.#server = server;
    const generate = debounce(
      () => {
        generator.run().then(
          (result) => this.report(result),
          (error: unknown) => server.config.logger.error(String(error)),
        );
      },
      { quietMs: QUIET_MS },
    );
    server.watcher.on("all", (_, path) => {
      if (generator.isInput(resolve(path))) generate();
    });
  }

  report({ warnings, error, inputs }: GenerateResult): void {
    const { config, ws } = this.#server;
    this.#watch([...inputs.files, ...inputs.folders]);
    for (const warning of warnings) config.logger.warn(logText(warning));
    if (error) {
      config.logger.error(logText(error));
      ws.send({ type: "error", err: { stack: "", plugin: "dbus-codegen", ...error } });
    } else if (this.#hadError) {
      // If the modules are the same as before the error, nothing else removes the error from the page.
      ws.send({ type: "full-reload" });
    }
    this.#hadError = error !== undefined;
  }

  /**
   * Watches the paths that are not watched yet. No path is added twice: when the watcher reads an added folder a second
   * time, it does not report changes that it finds.
   */
  #watch(paths: readonly string[]): void {
    const newPaths = paths.filter((path) => !this.#watchedPaths.has(path));
    if (newPaths.length === 0) return;
    for (const path of newPaths) this.#watchedPaths.add(path);
    this.#server.watcher.add(newPaths);
  }
}

function logText({ code, message, frame }: BundlerLog): string {
  return `[dbus-codegen] ${code === undefined ? "" : `${code}: `}${message}${frame ? `\n${frame}` : ""}`;
}
