/** Returns a name or signature for use in a message: non-ASCII characters escaped, at most 60 characters. */
export function shorten(text: string): string {
  const printable = text.replace(
    /[^\x20-\x7E]/g,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
  return printable.length > 60 ? `${printable.slice(0, 57)}...` : printable;
}
