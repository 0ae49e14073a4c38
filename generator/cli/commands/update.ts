import type { Command, Flags } from "./command.ts";
import { BUSES_FLAG, CONFIG_FLAG } from "./flags.ts";

const FLAGS = {
  ...BUSES_FLAG,
  check: { type: "boolean", help: "write nothing; exit 1 if a spec would change" },
  ...CONFIG_FLAG,
} as const satisfies Flags;

/** The command `dbus-codegen update`. */
export const UPDATE: Command<typeof FLAGS> = {
  name: "update",
  summary: "Update the specs that add wrote, and report the changes",
  usage: ["[names…]"],
  description: `Finds the specs of added services as "add" does, and reports what changed as "breaking" does. Then it writes
the specs and generates. Files that were edited (without their first line) and interfaces that are not found
at present remain as they are.`,
  flags: FLAGS,
  examples: ["dbus-codegen update", "dbus-codegen update networkmanager --check"],
  completes: ["none"],
  async run({ flags: { bus, check = false, config }, positionals }, shell) {
    return (await import("../run/update.ts")).runUpdate({ names: positionals, bus, isCheck: check, config }, shell);
  },
};
