import { ConnMgrParamFlags } from "@dbus-codegen-ts/stubs/im.telepathy1.ConnectionManager";
import { InvalidArgumentError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import type { ParameterSpec, ParameterValues } from "../parameters.ts";
import { isMiddleParameter, isNick, isTrailingParameter } from "./name-syntax.ts";

/** Validated settings of a connection to an IRC server. */
export interface IrcSettings {
  readonly nick: string;
  /** Host name or IP address of the server. */
  readonly server: string;
  readonly port: number;
  /** Whether the connection uses TLS from the first byte. */
  readonly useTls: boolean;
  /** Password of the server; empty if it requires no password. */
  readonly password: string;
  /** User name, which other users see before the `@`. */
  readonly username: string;
  readonly fullname: string;
  /** Message that other users see when the user quits; empty for the server's default. */
  readonly quitMessage: string;
  /** Seconds without received data after which a PING is sent; 0 if none is sent. */
  readonly keepaliveSeconds: number;
}

const { Required, Secret } = ConnMgrParamFlags;
const PLAIN_PORT = 6667;
const TLS_PORT = 6697;

/** Parameters of an IRC account, with the names of the Telepathy specification and of telepathy-idle. */
export const IRC_PARAMETERS: readonly ParameterSpec[] = [
  { name: "account", signature: "s", flags: Required },
  { name: "server", signature: "s", flags: Required },
  // The default depends on TLS.
  { name: "port", signature: "q" },
  { name: "password", signature: "s", flags: Secret },
  { name: "fullname", signature: "s" },
  { name: "username", signature: "s" },
  { name: "ident", signature: "s" },
  { name: "use-ssl", signature: "b", defaultValue: false },
  { name: "require-encryption", signature: "b", defaultValue: false },
  { name: "quit-message", signature: "s", defaultValue: "" },
  { name: "keepalive-interval", signature: "u", defaultValue: 30 },
];

/**
 * Reads the parameters of an account. `require-encryption` enables TLS, because IRC has no other encryption.
 *
 * @throws InvalidArgumentError if a parameter contains characters that IRC cannot transport.
 */
export function parseIrcSettings(parameters: ParameterValues): IrcSettings {
  const useTls = parameters.getBoolean("use-ssl") || parameters.getBoolean("require-encryption");
  const nick = readText(parameters, "account", isNick);
  return {
    nick,
    server: readText(parameters, "server", isMiddleParameter),
    port: parameters.getNumber("port") || (useTls ? TLS_PORT : PLAIN_PORT),
    useTls,
    password: readText(parameters, "password", isTrailingParameter, ""),
    username: readText(
      parameters,
      "username",
      isMiddleParameter,
      readText(parameters, "ident", isMiddleParameter, nick),
    ),
    fullname: readText(parameters, "fullname", isTrailingParameter, nick),
    quitMessage: readText(parameters, "quit-message", isTrailingParameter, ""),
    keepaliveSeconds: parameters.getNumber("keepalive-interval") ?? 0,
  };
}

/**
 * Reads a text parameter; an empty text is treated as omitted. The error message does not contain the value, which
 * may be secret.
 */
function readText(
  parameters: ParameterValues,
  name: string,
  isValid: (text: string) => boolean,
  defaultValue?: string,
): string {
  const value = parameters.getString(name) || defaultValue;
  if (value !== undefined && (value === defaultValue || isValid(value))) return value;
  throw new InvalidArgumentError(`parameter ${name} is ${value === undefined ? "empty" : "not valid"}`);
}
