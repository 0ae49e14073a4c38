import { ConnMgrParamFlags } from "@dbus-codegen-ts/stubs/im.telepathy1.ConnectionManager";
import { managerTarget } from "../connection/object-names.ts";
import type { Dialect } from "../dialects/dialect.ts";
import type { ParameterSpec, ParameterValue } from "../protocols/parameters.ts";
import type { Protocol } from "../protocols/protocol.ts";
import { interfaceNames } from "./connection-interfaces.ts";

/** Words for flags of parameters in `.manager` files. */
const FLAG_WORDS: readonly (readonly [ConnMgrParamFlags, string])[] = [
  [ConnMgrParamFlags.Required, "required"],
  [ConnMgrParamFlags.Register, "register"],
  [ConnMgrParamFlags.Secret, "secret"],
  [ConnMgrParamFlags.DBusProperty, "dbus-property"],
];

const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", " ": "\\s" };

/**
 * Returns the content of a `.manager` file. It describes the protocols of a connection manager for clients, which
 * need not start the manager (Telepathy specification, ConnectionManager).
 */
export function managerFile(name: string, protocols: readonly Protocol[], dialect: Dialect): string {
  const { destination, path } = managerTarget(name, dialect.root);
  const groups = [
    ["[ConnectionManager]", `Name=${name}`, `BusName=${destination}`, `ObjectPath=${path}`],
    ...protocols.map((protocol) => protocolGroup(protocol, dialect)),
  ];
  return groups.map((lines) => `${lines.join("\n")}\n`).join("\n");
}

function protocolGroup(protocol: Protocol, dialect: Dialect): readonly string[] {
  const { name, parameters, englishName, icon, vCardField } = protocol;
  return [
    `[Protocol ${name}]`,
    ...parameters.map(declaration),
    ...parameters.flatMap(({ name: parameter, defaultValue }) =>
      defaultValue === undefined ? [] : [`default-${parameter}=${keyFileValue(defaultValue)}`],
    ),
    `EnglishName=${keyFileValue(englishName)}`,
    `Icon=${keyFileValue(icon)}`,
    `VCardField=${keyFileValue(vCardField)}`,
    `ConnectionInterfaces=${keyFileValue(interfaceNames(protocol, dialect))}`,
  ];
}

/**
 * Returns the content of a D-Bus service file, with which a message bus starts a program when its bus name is
 * called.
 *
 * @param busName - Bus name that the program owns.
 * @param command - Path of the program, followed by its arguments.
 */
export function serviceFile(busName: string, command: readonly string[]): string {
  return `[D-BUS Service]\nName=${busName}\nExec=${command.map(shellQuoted).join(" ")}\n`;
}

function declaration({ name, signature, flags = 0 }: ParameterSpec): string {
  const words = FLAG_WORDS.filter(([flag]) => (flags & flag) !== 0).map(([, word]) => word);
  return `param-${name}=${[signature, ...words].join(" ")}`;
}

/** Returns a value in the syntax of key files (Desktop Entry Specification, "Possible value types"). */
function keyFileValue(value: ParameterValue): string {
  if (typeof value === "string") return value.replace(/[\\\n\r\t]|^ /g, (character) => ESCAPES[character] ?? character);
  if (value instanceof Uint8Array) return keyFileValue([...value].map(String));
  if (typeof value !== "object") return String(value);
  return value.map((item) => `${keyFileValue(item).replaceAll(";", "\\;")};`).join("");
}

/** Returns an argument of a command, quoted for the key `Exec` of a service file by the rules of a shell. */
function shellQuoted(argument: string): string {
  return /^[\w./:=@%+-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}
