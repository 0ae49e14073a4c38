/**
 * Splits a text into lines that can be sent in one message each: at line breaks, and where a line has too many
 * bytes in UTF-8. A long line is split after a space if possible, and never within a character. Empty lines are
 * omitted.
 *
 * @param maxBytes - Maximum number of bytes of a line; at least 4, the maximum of a character.
 */
export function splitText(text: string, maxBytes: number): readonly string[] {
  return text
    .split(/\r\n|\r|\n/)
    .filter((line) => line !== "")
    .flatMap((line) => splitLine(line, maxBytes));
}

function splitLine(line: string, maxBytes: number): readonly string[] {
  const pieces: string[] = [];
  let start = 0;
  while (start < line.length) {
    const end = endOfPiece(line, start, maxBytes);
    pieces.push(line.slice(start, end));
    start = end;
  }
  return pieces;
}

/** Returns the end index of the longest piece that starts at an index and fits into one message. */
function endOfPiece(line: string, start: number, maxBytes: number): number {
  let bytes = 0;
  let afterSpace = start;
  let position = start;
  while (position < line.length) {
    const codePoint = line.codePointAt(position) ?? 0;
    bytes += utf8Length(codePoint);
    if (bytes > maxBytes) return afterSpace > start ? afterSpace : position;
    position += codePoint > 0xffff ? 2 : 1;
    if (codePoint === 0x20) afterSpace = position;
  }
  return position;
}

function utf8Length(codePoint: number): number {
  if (codePoint < 0x80) return 1;
  if (codePoint < 0x800) return 2;
  return codePoint < 0x10000 ? 3 : 4;
}
