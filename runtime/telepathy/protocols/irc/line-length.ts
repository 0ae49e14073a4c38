/** Bytes of names in one line. The reply repeats them after the names of the server and of the user: 512 in total. */
const MAX_NAMES_BYTES = 390;

/** Bytes of a text that is the only parameter of a line: 512 with a command of up to eight letters. */
const MAX_TEXT_BYTES = 500;

/**
 * Returns as many of the first names as fit into one line, with a separator of one byte between them; at least one.
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
 * Converts a text so that it can be sent in one line: line ends become spaces, and characters that do not fit are cut
 * off.
 */
export function toLineText(text: string, maxBytes = MAX_TEXT_BYTES): string {
  const line = text.replace(/[\0\r\n]+/g, " ");
  const bytes = Buffer.from(line);
  const limit = Math.min(maxBytes, MAX_TEXT_BYTES);
  if (bytes.length <= limit) return line;
  let end = limit;
  // The bytes after the first of a character start with the bits 10.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end).toString();
}
