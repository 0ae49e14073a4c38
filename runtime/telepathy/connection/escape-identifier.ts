const LETTER = /[A-Za-z]/;
const DIGIT = /[0-9]/;
const ESCAPED = /^(?:_|(?:[A-Za-z]|_[0-9a-f]{2})(?:[A-Za-z0-9]|_[0-9a-f]{2})*)$/;

/**
 * Escapes any text as a C identifier, as `tp_escape_as_identifier` of telepathy-glib does. Each UTF-8 byte except
 * ASCII letters and digits becomes an underscore and two hexadecimal digits; so does a digit at the start.
 * Different texts result in different identifiers.
 */
export function escapeIdentifier(text: string): string {
  if (text === "") return "_";
  const bytes = [...Buffer.from(text, "utf8")];
  return bytes.map((byte, index) => escapeByte(byte, index === 0)).join("");
}

/** Returns the text from which `escapeIdentifier` made an identifier; undefined if there is no such text. */
export function unescapeIdentifier(identifier: string): string | undefined {
  if (identifier === "_") return "";
  if (!ESCAPED.test(identifier)) return undefined;
  const bytes = identifier.match(/_..|./g)?.map((part) => unescapeByte(part)) ?? [];
  const text = Buffer.from(bytes).toString("utf8");
  // Rejects other spellings of the same text, such as escaped letters, and bytes that are not UTF-8.
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
