import { TARGETS } from "../../tools/breaking/change-kind.ts";
import type { Flags } from "./command.ts";

/** The flag of every command that reads the config. */
export const CONFIG_FLAG = {
  config: { type: "string", value: "<file>", help: 'config file, or "none"; default: the nearest one' },
} as const satisfies Flags;

/** The flags of every command that reads specs. */
export const SPECS_FLAGS = {
  exclude: {
    type: "string",
    multiple: true,
    value: "<path>",
    help: "spec or folder of specs to leave out; repeatable",
  },
  overlay: {
    type: "string",
    multiple: true,
    value: "<file>",
    help: "overlay that adds types to the specs; repeatable",
  },
  ...CONFIG_FLAG,
} as const satisfies Flags;

/** The flag of every command that connects to an existing bus. */
export const BUS_FLAG = {
  bus: { type: "string", value: "<bus>", help: "session (default), system, or an address such as unix:path=/run/bus" },
} as const satisfies Flags;

/** The flag of commands that search services on the session bus and the system bus. */
export const BUSES_FLAG = {
  bus: { type: "string", value: "<bus>", help: "session, system, or an address; default: session and system" },
} as const satisfies Flags;

/** Flags that replace settings of the config. */
export const PROJECT_FLAGS = {
  out: { type: "string", short: "o", value: "<folder>", help: "output folder of the generated modules" },
  target: {
    type: "string",
    multiple: true,
    value: "<target>",
    values: TARGETS,
    help: "class to generate, if not both",
  },
  "import-extension": {
    type: "string",
    value: "<ext>",
    values: [".js", ".ts", "none"],
    optional: true,
    help: "file extension in imports, if not .js",
  },
  "runtime-module": {
    type: "string",
    value: "<module>",
    help: "import the runtime from here; default @dbus-codegen-ts/runtime",
  },
  rename: {
    type: "string",
    multiple: true,
    value: "<address>=<name>",
    help: "set a TypeScript name: org.example.Lamp1.Play=start",
  },
  annotate: {
    type: "string",
    multiple: true,
    value: "<annotation>",
    help: "add an annotation: '*.Play() org.example.Mark=yes'",
  },
  ...SPECS_FLAGS,
} as const satisfies Flags;
