/** Bytes that stay as they are; a digit does so anywhere but at the beginning. */
const LETTER = /[A-Za-z]/;
const DIGIT = /[0-9]/;
const ESCAPED = /^(?:_|(?:[A-Za-z]|_[0-9a-f]{2})(?:[A-Za-z0-9]|_[0-9a-f]{2})*)$/;

/**
 * Makes any text an identifier of ASCII letters, digits and underscores that does not begin with a digit: every other
 * byte of its UTF-8 becomes an underscore and two hexadecimal digits. Different texts give different identifiers.
 */
export function escapeIdentifier(text: string): string {
  if (text === "") return "_";
  const bytes = [...Buffer.from(text, "utf8")];
  return bytes.map((byte, index) => escapeByte(byte, index === 0)).join("");
}

/** The text that `escapeIdentifier` made an identifier of; undefined where it cannot have made it. */
export function unescapeIdentifier(identifier: string): string | undefined {
  if (identifier === "_") return "";
  if (!ESCAPED.test(identifier)) return undefined;
  const bytes = identifier.match(/_..|./g)?.map((part) => unescapeByte(part)) ?? [];
  const text = Buffer.from(bytes).toString("utf8");
  // Other ways to write the same text, such as escaped letters, were not made by escaping.
  return escapeIdentifier(text) === identifier ? text : undefined;
}

function escapeByte(byte: number, isFirst: boolean): string {
  const character = String.fromCharCode(byte);
  if (LETTER.test(character) || (!isFirst && DIGIT.test(character))) return character;
  return `_${byte.toString(16).padStart(2, "0")}`;
}

function unescapeByte(part: string): number {
  return part.length === 1 ? part.charCodeAt(0) : Number.parseInt(part.slice(1), 16);
}
