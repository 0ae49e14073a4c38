import { UsageError } from "../usage-error.ts";
import { type Command, type Flags, usageOf } from "./command.ts";
import { BUSES_FLAG, CONFIG_FLAG } from "./flags.ts";

const FLAGS = {
  ...BUSES_FLAG,
  list: { type: "boolean", short: "l", help: "list the services that can be added" },
  out: { type: "string", short: "o", value: "<folder>", help: "output folder, if the config has none: generated" },
  "dry-run": { type: "boolean", help: "write nothing; print what would be written" },
  ...CONFIG_FLAG,
} as const satisfies Flags;

/** The command `dbus-codegen add`. */
export const ADD: Command<typeof FLAGS> = {
  name: "add",
  summary: "Add a service of this machine to the project",
  usage: ["<name> [-o <folder>]", "--list"],
  description: `<name> is a name of the catalogue (networkmanager), a bus name or an interface. For each interface, the spec
comes from an installed package (dbus-1/interfaces in XDG_DATA_DIRS), the running service, or the catalogue,
in this order. A service that does not run is started only if no file describes it.

Writes the specs, extends the config and generates. The config gets the overlays of the catalogue, which
declare the keys of a{sv}.`,
  flags: FLAGS,
  examples: ["dbus-codegen add networkmanager", "dbus-codegen add org.freedesktop.UPower -o generated"],
  completes: ["bus-name", "none"],
  words: async () => (await import("../../tools/catalogue/catalogue-folder.ts")).catalogueNames(),
  async run({ flags: { bus, list, out, "dry-run": dryRun = false, config }, positionals }, shell) {
    const [name, ...more] = positionals;
    if (list) {
      if (name !== undefined) throw new UsageError("--list takes no name");
      return (await import("../run/add-list.ts")).listServices(bus, shell);
    }
    if (name === undefined || more.length > 0) throw new UsageError(`name one service: ${usageOf(ADD)}`);
    return (await import("../run/add.ts")).runAdd({ name, bus, out, dryRun, config }, shell);
  },
};
