import { ConnMgrParamFlags } from "@dbus-codegen-ts/stubs/im.telepathy1.ConnectionManager";
import { InvalidArgumentError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import type { ParameterSpec, ParameterValues } from "../protocol.ts";
import { isNick, isPhrase, isWord } from "./name-syntax.ts";

/** What a connection to an IRC server needs to know. */
export interface IrcSettings {
  readonly nick: string;
  /** Host name or address. */
  readonly server: string;
  readonly port: number;
  /** Whether to speak TLS, from the first byte on. */
  readonly tls: boolean;
  /** Password of the server; empty for none. */
  readonly password: string;
  /** User name as others see it before the `@`. */
  readonly username: string;
  readonly fullname: string;
  /** What others get to read when the user leaves. */
  readonly quitMessage: string;
  /** Seconds without a word from the server before it is asked for one; 0 for never. */
  readonly keepalive: number;
}

const { Required, Secret } = ConnMgrParamFlags;
const PLAIN_PORT = 6667;
const TLS_PORT = 6697;

/** The parameters of an IRC account, named as account editors know them. */
export const IRC_PARAMETERS: readonly ParameterSpec[] = [
  { name: "account", signature: "s", flags: Required },
  { name: "server", signature: "s", flags: Required },
  // The default depends on whether it is TLS.
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
 * Reads the parameters of an account. `require-encryption` means TLS too: there is no other encryption.
 *
 * @throws InvalidArgumentError when one cannot be sent to a server as what it is.
 */
export function ircSettings(parameters: ParameterValues): IrcSettings {
  const tls = parameters.flag("use-ssl") || parameters.flag("require-encryption");
  const nick = text(parameters, "account", isNick);
  return {
    nick,
    server: text(parameters, "server", isWord),
    port: parameters.number("port") || (tls ? TLS_PORT : PLAIN_PORT),
    tls,
    password: text(parameters, "password", isPhrase, ""),
    username: text(parameters, "username", isWord, text(parameters, "ident", isWord, nick)),
    fullname: text(parameters, "fullname", isPhrase, nick),
    quitMessage: text(parameters, "quit-message", isPhrase, ""),
    keepalive: parameters.number("keepalive-interval") ?? 0,
  };
}

/** A parameter; an empty one counts as left out. The message does not show it, as it may be secret. */
function text(parameters: ParameterValues, name: string, is: (text: string) => boolean, missing?: string): string {
  const value = parameters.text(name) || missing;
  if (value !== undefined && (value === missing || is(value))) return value;
  throw new InvalidArgumentError(`parameter ${name} is ${value === undefined ? "empty" : "not valid"}`);
}
