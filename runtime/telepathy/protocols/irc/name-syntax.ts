/** Bytes that a name may have where the server does not say less: a message has 512 with all that is in it. */
const MAX_BYTES = 200;

/** What cannot be in a nickname: control characters, and what means something else in masks, lists and channels. */
const NOT_IN_NICK = /[\x00-\x20\x7f!@:,*?#&+$%~./"'()<>;=]/;

/**
 * Whether a text can be a nickname: as RFC 2812 has it, and beyond that with characters other than ASCII, which many
 * servers allow.
 */
export function isNick(text: string): boolean {
  return fits(text) && !NOT_IN_NICK.test(text) && !/^[-0-9]/.test(text);
}

/**
 * Whether a text can be the name of a channel.
 *
 * @param types - The characters that channels begin with on this server: its CHANTYPES.
 */
export function isChannel(text: string, types: string): boolean {
  const [type = ""] = text;
  return fits(text) && text.length > 1 && types.includes(type) && !/[\x00-\x20\x7f,]/.test(text);
}

/** Whether a text can be sent as one word that stands alone, such as a user name. */
export function isWord(text: string): boolean {
  return fits(text) && !/[\x00-\x20\x7f]/.test(text) && !text.startsWith(":");
}

/** Whether a text can be sent as the last part of a message. */
export function isPhrase(text: string): boolean {
  return Buffer.byteLength(text) <= MAX_BYTES && !/[\0\r\n]/.test(text);
}

function fits(text: string): boolean {
  const bytes = Buffer.from(text);
  return text !== "" && bytes.length <= MAX_BYTES && bytes.toString() === text;
}
