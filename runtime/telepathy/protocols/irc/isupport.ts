import { type Casemapping, casemappingOf, DEFAULT_CASEMAPPING } from "./casemapping.ts";

/** What a server says about names, in message 005. */
export interface ServerSupport {
  readonly casemapping: Casemapping;
  /** Characters that names of channels begin with; empty where there are no channels. */
  readonly channelTypes: string;
}

/** What holds for a server that does not say. */
export const DEFAULT_SUPPORT: ServerSupport = { casemapping: DEFAULT_CASEMAPPING, channelTypes: "#&" };

/**
 * Adds what one message 005 says.
 *
 * @param params - The message's parameters before its last one: the user's nickname and tokens, between spaces.
 */
export function supportWith(before: ServerSupport, params: string): ServerSupport {
  return params.split(" ").slice(1).reduce(withToken, before);
}

function withToken(support: ServerSupport, token: string): ServerSupport {
  const at = token.indexOf("=");
  const [name, value] = at < 0 ? [token, ""] : [token.slice(0, at), token.slice(at + 1)];
  switch (name) {
    case "CASEMAPPING":
      return { ...support, casemapping: casemappingOf(value) };
    case "-CASEMAPPING":
      return { ...support, casemapping: DEFAULT_SUPPORT.casemapping };
    case "CHANTYPES":
      return { ...support, channelTypes: value };
    case "-CHANTYPES":
      return { ...support, channelTypes: DEFAULT_SUPPORT.channelTypes };
    default:
      return support;
  }
}
