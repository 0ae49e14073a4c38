import { EXIT } from "../shell.ts";
import { UsageError } from "../usage-error.ts";
import { type Command, type Flags, usageOf } from "./command.ts";
import { SPECS_FLAGS } from "./flags.ts";

const FLAGS = {
  bus: { type: "string", value: "<bus>", help: "private (default): a new bus; or session, system, an address" },
  name: { type: "string", value: "<name>", help: "bus name; default: the common prefix of the interface names" },
  path: { type: "string", value: "<path>", help: "object path; default: the bus name as a path" },
  values: { type: "string", value: "<file>", help: "YAML or JSON: property values, replies, errors, signals" },
  template: {
    type: "string",
    value: "<name>",
    help: "serve a known service of the catalogue instead of specs",
    words: async () => (await import("../../tools/mock/template-names.ts")).templateNames(),
  },
  setup: {
    type: "string",
    multiple: true,
    value: "<command>",
    help: "run a command of the template first; repeatable",
  },
  record: { type: "string", value: "<file>", help: "write each call as a line of JSON; - for standard output" },
  run: { type: "string", value: "<command>", help: "run a command on the bus, exit with its exit code" },
  ...SPECS_FLAGS,
} as const satisfies Flags;

/** The command `dbus-codegen mock`. */
export const MOCK: Command<typeof FLAGS> = {
  name: "mock",
  summary: "Serve a mock of a service from its specs",
  usage: ["[specs…] [--values <file>] [--run <command>]", "--template <name> [--setup <command>]… [--run <command>]"],
  description: `Every method replies with an empty value of each output type, unless the file of --values sets another
reply. The address of a private bus is printed, or passed to the --run command in DBUS_SESSION_BUS_ADDRESS
and DBUS_SYSTEM_BUS_ADDRESS. Without --run, the mock runs until Ctrl+C.

[specs…] default to the specs of the config. Annotations of the config apply.`,
  flags: FLAGS,
  examples: [
    "dbus-codegen mock org.example.Jukebox1.xml --values jukebox.yaml --record calls.jsonl",
    'dbus-codegen mock specs --run "npm test"',
    'dbus-codegen mock --template bluez --setup "addAdapter hci0" --run "bluetoothctl list"',
  ],
  async run({ flags, positionals }, shell) {
    const [{ runMock }, { readSpecsMock, readTemplateMock }] = await Promise.all([
      import("../run/mock.ts"),
      import("../run/mock-source.ts"),
    ]);
    const { name, path, values, record, run, template, setup = [] } = flags;
    const bus = flags.bus === "private" ? undefined : flags.bus;
    const args = { bus, record, run };
    if (template !== undefined) {
      if (positionals.length > 0 || path !== undefined || values !== undefined)
        throw new UsageError("--template excludes specs, --path and --values");
      return runMock(await readTemplateMock(template, name, setup), args, shell);
    }
    if (setup.length > 0) throw new UsageError("--setup needs --template");
    const { readSpecsProject } = await import("../run/project.ts");
    const project = await readSpecsProject({ flags, specs: positionals, usage: usageOf(MOCK) }, shell);
    const source = await readSpecsMock(project, { name, path, values }, shell);
    return source === undefined ? EXIT.findings : runMock(source, args, shell);
  },
};
