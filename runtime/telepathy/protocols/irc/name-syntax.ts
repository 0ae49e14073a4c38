/** Maximum bytes of a name, unless the server sets a lower limit; so the name fits into a message of 512 bytes. */
const MAX_NAME_BYTES = 200;

/**
 * Characters that nicknames must not contain: control characters, and those with a meaning in masks, lists and
 * channels. The normal form of U+037E is a semicolon.
 */
const INVALID_IN_NICK = /[\x00-\x20\x7f!@:,*?#&+$%~./"'()<>;=\u037e]/;

/**
 * Returns whether a text is a valid nickname (RFC 2812, section 2.3.1). Non-ASCII characters are valid, too,
 * because many servers allow them.
 */
export function isNick(text: string): boolean {
  return isShortUnicode(text) && !INVALID_IN_NICK.test(text) && !/^[-0-9]/.test(text);
}

/**
 * Returns whether a text is a valid channel name (RFC 2812, section 1.3).
 *
 * @param types - Characters with which channel names start on the server (CHANTYPES).
 */
export function isChannel(text: string, types: string): boolean {
  const [type = ""] = text;
  return isMiddleParameter(text) && text.length > 1 && types.includes(type) && !text.includes(",");
}

/** Returns whether a text can be sent as a middle parameter, such as a user name (RFC 2812, section 2.3.1). */
export function isMiddleParameter(text: string): boolean {
  return isShortUnicode(text) && !/[\x00-\x20\x7f]/.test(text) && !text.startsWith(":");
}

/** Returns whether a text can be sent as the trailing parameter, which may contain spaces (RFC 2812, section 2.3.1). */
export function isTrailingParameter(text: string): boolean {
  return Buffer.byteLength(text) <= MAX_NAME_BYTES && !/[\0\r\n]/.test(text);
}

/** Returns whether a text is not empty, not too long and without lone surrogates. */
function isShortUnicode(text: string): boolean {
  const bytes = Buffer.from(text);
  return text !== "" && bytes.length <= MAX_NAME_BYTES && bytes.toString() === text;
}
