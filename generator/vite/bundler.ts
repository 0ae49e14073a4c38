/** What the plugin needs of Rollup, Rolldown and Vite: their own types would make it depend on them. */

/** A complaint as bundlers show it. */
export interface BundlerLog {
  readonly message: string;
  readonly code?: string;
  /** Line from 1, column from 0. */
  readonly loc?: { readonly file: string; readonly line: number; readonly column: number };
  readonly frame?: string;
}

/** What hooks of a plugin get as `this`. */
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

/** What makes the browser show an error over the page. */
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

/** The plugin as bundlers see it. */
export interface DbusCodegenPlugin {
  readonly name: string;
  configResolved(config: { readonly root: string }): void;
  configureServer(server: DevServer): void;
  /** Other plugins wait: they may read what is generated. */
  readonly buildStart: {
    readonly order: "pre";
    readonly sequential: true;
    handler(this: BundlerContext): Promise<void>;
  };
}
