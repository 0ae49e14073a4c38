import type { Command, Flags } from "./command.ts";

/** A command, loaded when it is called: the list of all costs nothing. */
interface CommandEntry {
  /** One line for the list. */
  readonly summary: string;
  load(): Promise<AnyCommand>;
}

/** A command whose flags are its own business. */
export type AnyCommand = Command<Flags>;

export const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  generate: {
    summary: "specs to typed clients and services",
    load: async () => (await import("./generate.ts")).GENERATE,
  },
  init: {
    summary: "a project that generates, or a service that runs",
    load: async () => (await import("./init.ts")).INIT,
  },
  introspect: {
    summary: "specs from a running service",
    load: async () => (await import("./introspect.ts")).INTROSPECT,
  },
  docs: {
    summary: "specs to a reference to read",
    load: async () => (await import("./docs.ts")).DOCS,
  },
  lint: {
    summary: "what good D-Bus APIs have and these specs lack",
    load: async () => (await import("./lint.ts")).LINT,
  },
  breaking: {
    summary: "what changes of specs break, and the next version",
    load: async () => (await import("./breaking.ts")).BREAKING,
  },
  explain: {
    summary: "what a code means, and how to mend it",
    load: async () => (await import("./explain.ts")).EXPLAIN,
  },
  conform: {
    summary: "a running service checked against its specs",
    load: async () => (await import("./conform.ts")).CONFORM,
  },
  mock: {
    summary: "a stand-in for a service, from its specs alone",
    load: async () => (await import("./mock.ts")).MOCK,
  },
  completion: {
    summary: "commands and flags for your shell to complete",
    load: async () => (await import("./completion.ts")).COMPLETION,
  },
};
