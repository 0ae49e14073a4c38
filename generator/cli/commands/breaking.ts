import { TARGETS } from "../../tools/breaking/change-kind.ts";
import { REPORT_FORMATS } from "../run/report-formats.ts";
import { UsageError } from "../usage-error.ts";
import { type Command, type Flags, usageOf } from "./command.ts";
import { SPECS_FLAGS } from "./flags.ts";

const FLAGS = {
  against: { type: "string", value: "<earlier>", help: "earlier version: folder, file, git ref or bus:<name>" },
  target: {
    type: "string",
    value: "<target>",
    values: ["both", ...TARGETS],
    optional: true,
    help: "code to consider, if not the targets of the config",
  },
  bus: { type: "string", value: "<bus>", help: "bus of bus:<name>: session (default), system, or an address" },
  format: { type: "string", value: "<format>", values: REPORT_FORMATS, help: "format of changes" },
  ...SPECS_FLAGS,
} as const satisfies Flags;

/** The command `dbus-codegen breaking`. */
export const BREAKING: Command<typeof FLAGS> = {
  name: "breaking",
  summary: "Find incompatible changes since an earlier version of specs",
  usage: ["[specs…] --against <earlier>"],
  description: `Each change is classified: it breaks deployed peers (on the wire), code that uses the generated
modules (in TypeScript), or nothing. The exit code is 1 if a change breaks something.

<earlier> is a folder or file, a git ref (git:<ref> if a file has that name), or bus:<name>[/<path>] for a
running service, which is compared on the wire only. [specs…] default to the specs of the config.`,
  flags: FLAGS,
  examples: [
    "dbus-codegen breaking specs --against origin/main",
    "dbus-codegen breaking specs --against ../released/specs --target client",
    "dbus-codegen breaking specs --against bus:net.connman --bus system",
  ],
  async run({ flags, positionals }, shell) {
    const { against, target, bus, format } = flags;
    const usage = usageOf(BREAKING);
    const [{ readSpecsProject }, { runBreaking }] = await Promise.all([
      import("../run/project.ts"),
      import("../run/breaking.ts"),
    ]);
    const project = await readSpecsProject({ flags, specs: positionals, usage }, shell);
    if (against === undefined) throw new UsageError(`name the earlier version: ${usage}`);
    const targets =
      target === undefined ? (project.options.targets ?? TARGETS) : target === "both" ? TARGETS : [target];
    return runBreaking({ project, against, bus, targets, format }, shell);
  },
};
