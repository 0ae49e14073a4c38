import { type Casemapping, DEFAULT_CASEMAPPING, parseCasemapping } from "./casemapping.ts";
import { applyChannelModes, applyPrefix, DEFAULT_MODE_SUPPORT, type ModeSupport } from "./rooms/mode-support.ts";

/** Settings of a server, as announced in RPL_ISUPPORT (numeric reply 005). */
export interface ServerSupport {
  readonly casemapping: Casemapping;
  /** Characters with which channel names start; empty if the server has no channels. */
  readonly channelTypes: string;
  /** Supported modes of channels. */
  readonly modes: ModeSupport;
  /** Maximum number of users in the MONITOR list; 0 if the server does not support MONITOR. */
  readonly monitorLimit: number;
  /** Maximum length of an away message in bytes. */
  readonly awayLength: number;
}

/** Settings that apply if a server sends no RPL_ISUPPORT. */
export const DEFAULT_SUPPORT: ServerSupport = {
  casemapping: DEFAULT_CASEMAPPING,
  channelTypes: "#&",
  modes: DEFAULT_MODE_SUPPORT,
  monitorLimit: 0,
  awayLength: 200,
};

/**
 * Applies one RPL_ISUPPORT message to earlier settings. A token with a leading hyphen restores the default.
 *
 * @param params - Parameters of the message: the user's nickname, the tokens, and a text for users.
 */
export function applyIsupport(before: ServerSupport, params: readonly string[]): ServerSupport {
  return params.slice(1, -1).reduce(applyToken, before);
}

function applyToken(support: ServerSupport, token: string): ServerSupport {
  const separator = token.indexOf("=");
  const [name, value] = separator < 0 ? [token, ""] : [token.slice(0, separator), token.slice(separator + 1)];
  switch (name) {
    case "CASEMAPPING":
      return support.casemapping === "unicode" ? support : { ...support, casemapping: parseCasemapping(value) };
    case "UTF8MAPPING":
      // Servers with Unicode names announce UTF8MAPPING, and CASEMAPPING only for clients without Unicode.
      return parseCasemapping(value) === "unicode" ? { ...support, casemapping: "unicode" } : support;
    case "-CASEMAPPING":
      return { ...support, casemapping: DEFAULT_SUPPORT.casemapping };
    case "CHANTYPES":
      return { ...support, channelTypes: value };
    case "-CHANTYPES":
      return { ...support, channelTypes: DEFAULT_SUPPORT.channelTypes };
    case "PREFIX":
      return { ...support, modes: applyPrefix(support.modes, value) };
    case "CHANMODES":
      return { ...support, modes: applyChannelModes(support.modes, value) };
    case "MONITOR":
      // Without a number there is no limit.
      return { ...support, monitorLimit: parseNumber(value) ?? Infinity };
    case "-MONITOR":
      return { ...support, monitorLimit: DEFAULT_SUPPORT.monitorLimit };
    case "AWAYLEN":
      return { ...support, awayLength: parseNumber(value) ?? DEFAULT_SUPPORT.awayLength };
    case "-AWAYLEN":
      return { ...support, awayLength: DEFAULT_SUPPORT.awayLength };
    default:
      return support;
  }
}

/** Returns the value of a decimal number with at most six digits; undefined for other texts. */
function parseNumber(text: string): number | undefined {
  return /^\d{1,6}$/.test(text) ? Number(text) : undefined;
}
