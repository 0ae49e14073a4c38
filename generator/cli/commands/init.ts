import { UsageError } from "../usage-error.ts";
import type { Command, Flags } from "./command.ts";

const FLAGS = {
  spec: {
    type: "string",
    value: "<spec>",
    multiple: true,
    help: "file or folder that declares the service's interface; default: an example",
  },
  "dry-run": { type: "boolean", help: "write nothing; print what would be written" },
} as const satisfies Flags;

/** The command `dbus-codegen init`. */
export const INIT: Command<typeof FLAGS> = {
  name: "init",
  summary: "Create a project that generates clients, or a complete service",
  usage: ["[folder]", "service <interface> [folder]"],
  description: `Without "service", this writes a config, an example spec and npm scripts.
With "service", it writes a service that runs: a class to edit, a program, a client, a test,
and the activation, policy, systemd and sysusers files that a system needs to start it.

Existing files are not changed, except that package.json and .gitignore get missing entries.`,
  flags: FLAGS,
  examples: [
    "dbus-codegen init",
    "dbus-codegen init service org.example.Jukebox1 jukebox",
    "dbus-codegen init service net.connman.Session --spec specs/connman",
  ],
  completes: ["folder"],
  async run({ flags: { spec, "dry-run": dryRun = false }, positionals }, shell) {
    const [first, name, ...folders] = positionals;
    if (first !== "service") {
      if (spec !== undefined) throw new UsageError('--spec is only for "init service <interface>"');
      const { initClient } = await import("../run/init.ts");
      return initClient({ folder: onlyFolder(positionals), dryRun }, shell);
    }
    if (name === undefined) throw new UsageError("name the interface: dbus-codegen init service <interface> [folder]");
    const { initService } = await import("../run/init.ts");
    return initService(name, { specs: spec, folder: onlyFolder(folders), dryRun }, shell);
  },
};

function onlyFolder([folder = ".", ...more]: readonly string[]): string {
  if (more.length > 0) throw new UsageError("name at most one folder");
  return folder;
}
