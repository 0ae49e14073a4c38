import { REPORT_FORMATS } from "../../tools/conform/report-formats.ts";
import { UsageError } from "../usage-error.ts";
import { parseNumber } from "./arguments.ts";
import { type Command, type Flags, usageOf } from "./command.ts";
import { BUS_FLAG, SPECS_FLAGS } from "./flags.ts";

const FLAGS = {
  spec: {
    type: "string",
    short: "s",
    multiple: true,
    value: "<spec>",
    help: "expected interfaces; repeatable; default: the specs of the config",
  },
  ...BUS_FLAG,
  interface: { type: "string", multiple: true, value: "<name>", help: "check only this interface; repeatable" },
  "allow-extra": { type: "boolean", help: "accept interfaces and members that no spec declares" },
  "undeclared-keys": { type: "boolean", help: "list dictionary keys that no spec declares" },
  watch: { type: "string", value: "<ms>", help: "check signals for this many milliseconds; default 0" },
  exercise: {
    type: "string",
    value: "<how>",
    values: ["none", "present", "change"],
    help: "set writable properties",
  },
  call: {
    type: "string",
    multiple: true,
    value: "<method>",
    help: "call Interface.Method or Interface.Method=[args] (JSON); repeatable",
  },
  skip: {
    type: "string",
    multiple: true,
    value: "<check>",
    help: "do not make this check, such as unknown-method; repeatable",
    words: async () => (await import("../../tools/conform/report.ts")).CHECK_NAMES,
  },
  format: { type: "string", value: "<format>", values: REPORT_FORMATS, help: "format of the report" },
  ...SPECS_FLAGS,
} as const satisfies Flags;

/** The command `dbus-codegen conform`. */
export const CONFORM: Command<typeof FLAGS> = {
  name: "conform",
  summary: "Check a running service against its specs",
  usage: ["<bus name> <path> [--spec <spec>]…"],
  description: `Checks the introspection data, replies and signals of one object. Only --exercise and --call change
the service: "--exercise present" sets each writable property to its present value, "change" sets it
to another value and back. Annotations of the config apply. The exit code is 1 if a check fails.`,
  flags: FLAGS,
  examples: [
    "dbus-codegen conform org.example.Jukebox1 /org/example/Jukebox1 --spec specs",
    "dbus-codegen conform net.connman / --bus system --spec specs --interface net.connman.Manager --format junit",
  ],
  completes: ["bus-name", "object-path", "none"],
  async run({ flags, positionals }, shell) {
    const [name, path, ...rest] = positionals;
    const usage = usageOf(CONFORM);
    if (name === undefined || path === undefined || rest.length > 0) throw new UsageError(`name one object: ${usage}`);
    const watchMs = flags.watch === undefined ? 0 : parseNumber("watch", flags.watch, "milliseconds");
    const { runConform } = await import("../run/conform.ts");
    const options = {
      name,
      path,
      watchMs,
      usage,
      bus: flags.bus,
      specs: flags.spec ?? [],
      flags,
      interfaces: flags.interface ?? [],
      skip: flags.skip ?? [],
      calls: flags.call ?? [],
      exercise: flags.exercise,
      allowExtra: flags["allow-extra"] ?? false,
      undeclaredKeys: flags["undeclared-keys"] ?? false,
      format: flags.format,
    };
    return runConform(options, shell);
  },
};
