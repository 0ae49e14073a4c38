/**
 * Maximum bytes of names in one line. The server's reply has at most 512 bytes, and contains the names of the
 * server and of the user, too.
 */
const MAX_NAMES_BYTES = 390;

/** Maximum bytes of a text that is the only parameter of a line: 512 without the command and the line end. */
const MAX_TEXT_BYTES = 500;

/**
 * Returns the first names that fit into one line, separated by one byte each; at least one name.
 *
 * @param maxCount - Maximum number of names.
 */
export function takeNames(names: Iterable<string>, maxCount = Infinity): readonly string[] {
  const taken: string[] = [];
  let bytes = 0;
  for (const name of names) {
    bytes += Buffer.byteLength(name) + 1;
    if (taken.length >= maxCount || (taken.length > 0 && bytes > MAX_NAMES_BYTES)) break;
    taken.push(name);
  }
  return taken;
}

/**
 * Converts a text so that it fits into one line: line ends become spaces, and the end is cut off if the text is too
 * long.
 */
export function toLineText(text: string, maxBytes = MAX_TEXT_BYTES): string {
  const line = text.replace(/[\0\r\n]+/g, " ");
  const bytes = Buffer.from(line);
  const limit = Math.min(maxBytes, MAX_TEXT_BYTES);
  if (bytes.length <= limit) return line;
  let end = limit;
  // In UTF-8, all bytes of a character except the first start with the bits 10.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end).toString();
}
