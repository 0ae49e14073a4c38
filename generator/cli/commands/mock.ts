import { type Command, type Flags, usageOf } from "./command.ts";
import { SPECS_FLAGS } from "./flags.ts";

const FLAGS = {
  bus: { type: "string", value: "<bus>", help: "private (default): a new bus; or session, system, an address" },
  name: { type: "string", value: "<name>", help: "bus name; default: the common prefix of the interface names" },
  path: { type: "string", value: "<path>", help: "object path; default: the bus name as a path" },
  values: { type: "string", value: "<file>", help: "YAML or JSON: property values, replies, errors, signals" },
  record: { type: "string", value: "<file>", help: "write each call as a line of JSON; - for standard output" },
  run: { type: "string", value: "<command>", help: "run a command on the bus, exit with its exit code" },
  ...SPECS_FLAGS,
} as const satisfies Flags;

/** `dbus-codegen mock`. */
export const MOCK: Command<typeof FLAGS> = {
  name: "mock",
  summary: "Serve a mock of a service from its specs",
  usage: ["[specs…] [--values <file>] [--run <command>]"],
  description: `Every method replies with an empty value of each output type, unless the file of --values sets another
reply. The address of a private bus is printed, or passed to the --run command in DBUS_SESSION_BUS_ADDRESS
and DBUS_SYSTEM_BUS_ADDRESS. Without --run, the mock runs until Ctrl+C.

[specs…] default to the specs of the config. Annotations of the config apply.`,
  flags: FLAGS,
  examples: [
    "dbus-codegen mock org.example.Jukebox1.xml --values jukebox.yaml --record calls.jsonl",
    'dbus-codegen mock specs --run "npm test"',
  ],
  async run({ flags, positionals }, shell) {
    const [{ readSpecsProject }, { runMock }] = await Promise.all([
      import("../run/project.ts"),
      import("../run/mock.ts"),
    ]);
    const { name, path, values, record, run } = flags;
    const project = await readSpecsProject({ flags, specs: positionals, usage: usageOf(MOCK) }, shell);
    const bus = flags.bus === "private" ? undefined : flags.bus;
    return runMock(project, { bus, name, path, values, record, run }, shell);
  },
};
