import type { Command, Flags } from "./command.ts";

const FLAGS = {} as const satisfies Flags;

/** The command `dbus-codegen explain`. */
export const EXPLAIN: Command<typeof FLAGS> = {
  name: "explain",
  summary: "Explain a code that generate, lint or breaking prints",
  usage: ["[<code>…]"],
  description: `Shows what the code means, a spec that has the problem, and how to correct it.
Without a code, all codes are listed.`,
  flags: FLAGS,
  examples: ["dbus-codegen explain", "dbus-codegen explain property-would-do"],
  words: async () => (await import("../../tools/explain/explain.ts")).topics().map(({ code }) => code),
  run: async ({ positionals }, shell) => (await import("../run/explain.ts")).runExplain(positionals, shell),
};
