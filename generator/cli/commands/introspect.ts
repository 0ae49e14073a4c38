import { FORMATS } from "../../compiler/diagnostics/formats.ts";
import { UsageError } from "../usage-error.ts";
import { type Command, type Flags, usageOf } from "./command.ts";
import { BUS_FLAG } from "./flags.ts";

const FLAGS = {
  ...BUS_FLAG,
  out: { type: "string", short: "o", value: "<folder>", help: "write one file per interface into this folder" },
  format: { type: "string", value: "<format>", values: FORMATS, help: "format of diagnostics" },
} as const satisfies Flags;

/** The command `dbus-codegen introspect`. */
export const INTROSPECT: Command<typeof FLAGS> = {
  name: "introspect",
  summary: "Save the interfaces of a running service as specs",
  usage: ["<bus name> [<path>] [--bus <bus>] [-o <folder>]"],
  description: `Introspects the object at <path> (default: /) and all objects below it. Without -o, all interfaces
are printed as one document, which "dbus-codegen generate -" accepts.`,
  flags: FLAGS,
  examples: [
    "dbus-codegen introspect org.bluez --bus system -o specs",
    "dbus-codegen introspect net.connman / --bus system | dbus-codegen generate - -o generated",
  ],
  completes: ["bus-name", "object-path", "none"],
  async run({ flags, positionals }, shell) {
    const [name, path = "/", ...rest] = positionals;
    if (name === undefined || rest.length > 0)
      throw new UsageError(`name one service and at most one object: ${usageOf(INTROSPECT)}`);
    if (flags.out === undefined && flags.format === "json")
      throw new UsageError("--format json needs -o <folder>: without it, standard output contains the specs");
    const { runIntrospect } = await import("../run/introspect.ts");
    return runIntrospect({ name, path, bus: flags.bus, out: flags.out, format: flags.format }, shell);
  },
};
