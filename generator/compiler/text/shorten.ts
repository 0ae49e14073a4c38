const MAX_LENGTH = 60;

/** Returns a name or signature for use in a message: non-ASCII characters escaped, at most 60 characters. */
export function shorten(text: string): string {
  const printable = text
    .slice(0, MAX_LENGTH + 1)
    .replace(/[^\x20-\x7E]/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
  return printable.length > MAX_LENGTH ? `${printable.slice(0, MAX_LENGTH - 3)}...` : printable;
}

const MAX_LISTED = 20;

/** Returns texts as a list for a message. If there are more than 20, the list ends with the number of the others. */
export function listing(texts: readonly string[]): string {
  const more = texts.length > MAX_LISTED ? ` and ${texts.length - MAX_LISTED} more` : "";
  return texts.slice(0, MAX_LISTED).join(", ") + more;
}
