/** A message of an IRC server (RFC 2812, section 2.3.1). */
export interface IrcMessage {
  /** Nickname of the user or name of the server that caused the message; empty if the message contains none. */
  readonly source: string;
  /** The source as received: `nick!user@host` or the name of a server. */
  readonly prefix: string;
  /** Command: a word in upper case, or a number of three digits. */
  readonly command: string;
  /** All parameters; the trailing one is the last. */
  readonly params: readonly string[];
}

/** Numbers of replies and errors (RFC 2812, section 5, and IRCv3), by name. */
export const NUMERIC = {
  RPL_WELCOME: "001",
  RPL_ISUPPORT: "005",
  RPL_LUSERCLIENT: "251",
  RPL_TRYAGAIN: "263",
  RPL_AWAY: "301",
  RPL_USERHOST: "302",
  RPL_ISON: "303",
  RPL_UNAWAY: "305",
  RPL_NOWAWAY: "306",
  RPL_NAMREPLY: "353",
  RPL_ENDOFMOTD: "376",
  ERR_UNKNOWNCOMMAND: "421",
  ERR_NOMOTD: "422",
  ERR_NONICKNAMEGIVEN: "431",
  ERR_ERRONEOUSNICKNAME: "432",
  ERR_NICKNAMEINUSE: "433",
  ERR_BANONCHAN: "435",
  ERR_NICKCOLLISION: "436",
  ERR_UNAVAILRESOURCE: "437",
  ERR_NICKTOOFAST: "438",
  ERR_NONICKCHANGE: "447",
  ERR_NOPERMFORHOST: "463",
  ERR_PASSWDMISMATCH: "464",
  ERR_YOUREBANNEDCREEP: "465",
  ERR_RESTRICTED: "484",
  RPL_MONONLINE: "730",
  RPL_MONOFFLINE: "731",
  ERR_MONLISTFULL: "734",
} as const;

/** Pattern of a line: message tags, prefix, command and parameters. */
const LINE = /^(?:@[^ ]* +)?(?::([^ ]*) +)?([A-Za-z]+|[0-9]{3})(?= |$)(.*)$/s;

/** Parses a line without its line end. Returns undefined if the line is not a message. */
export function parseIrcMessage(line: string): IrcMessage | undefined {
  const match = LINE.exec(line);
  if (match === null) return undefined;
  const [, prefix = "", command = "", rest = ""] = match;
  const [source = ""] = prefix.split(/[!@]/, 1);
  return { source, prefix, command: command.toUpperCase(), params: parseParameters(rest) };
}

/**
 * Formats a message to the server, without line end. The last parameter may be empty or contain spaces.
 *
 * @throws TypeError if a parameter cannot be sent, because it would end the line or start another parameter.
 */
export function formatIrcMessage(command: string, params: readonly string[]): string {
  const last = params.length - 1;
  const words = params.map((param, index) => {
    const isMiddle = /^[^\0\r\n :][^\0\r\n ]*$/.test(param);
    if (isMiddle && (index < last || !TRAILING.has(command))) return param;
    if (index < last || /[\0\r\n]/.test(param)) throw new TypeError(`parameter ${index} of ${command} cannot be sent`);
    return `:${param}`;
  });
  return [command, ...words].join(" ");
}

/**
 * Commands whose last parameter is always sent as trailing parameter: a text for users, or one that the server
 * repeats.
 */
const TRAILING: ReadonlySet<string> = new Set("PASS USER PONG QUIT PRIVMSG NOTICE TOPIC PART KICK AWAY".split(" "));

function parseParameters(text: string): readonly string[] {
  const start = text.indexOf(" :");
  const words = (start < 0 ? text : text.slice(0, start)).split(" ").filter((word) => word !== "");
  return start < 0 ? words : [...words, text.slice(start + 2)];
}
