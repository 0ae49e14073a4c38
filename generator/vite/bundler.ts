/**
 * Interfaces that contain the parts of the plugin interfaces of Rollup, Rolldown and Vite that this plugin uses. The
 * types of these packages would make them dependencies.
 */

/** A warning or error for a bundler to show. */
export interface BundlerLog {
  readonly message: string;
  readonly code?: string;
  /** Position: line from 1, column from 0. */
  readonly loc?: { readonly file: string; readonly line: number; readonly column: number };
  readonly frame?: string;
}

/** The `this` of plugin hooks. */
export interface BundlerContext {
  addWatchFile(id: string): void;
  warn(log: BundlerLog): void;
  error(log: BundlerLog): never;
}

/** A development server of Vite. */
export interface DevServer {
  readonly config: { readonly logger: { warn(message: string): void; error(message: string): void } };
  readonly watcher: {
    add(paths: string | readonly string[]): unknown;
    on(event: "all", listener: (event: string, path: string) => void): unknown;
  };
  readonly ws: { send(message: ErrorMessage | { readonly type: "full-reload" }): void };
}

/** A message that makes the browser show an error overlay. */
interface ErrorMessage {
  readonly type: "error";
  readonly err: {
    readonly message: string;
    readonly stack: string;
    readonly plugin: string;
    readonly frame?: string;
    readonly loc?: { readonly file: string; readonly line: number; readonly column: number };
  };
}

/** The plugin that `dbusCodegen` returns. */
export interface DbusCodegenPlugin {
  readonly name: string;
  configResolved(config: { readonly root: string }): void;
  configureServer(server: DevServer): void;
  /** Runs before other plugins, which may read the generated modules. */
  readonly buildStart: {
    readonly order: "pre";
    readonly sequential: true;
    handler(this: BundlerContext): Promise<void>;
  };
}
