/**
 * Characters that a reader does not see or that change the order or lines of a text: controls, formats, bidirectional
 * controls, line separators, default-ignorable characters (fillers, variation selectors, tags), unpaired surrogates,
 * noncharacters and the blank Braille pattern.
 */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{DI}\p{NChar}\u2800]/gu;

/**
 * Replaces hidden characters of a text.
 * @param kept - Hidden characters that are not replaced, such as a line break.
 */
export function replaceHidden(text: string, replace: (character: string) => string, kept = ""): string {
  return text.replace(HIDDEN, (character) => (kept.includes(character) ? character : replace(character)));
}

/** Returns a character as escapes of JSON and JavaScript, one per UTF-16 code unit. */
export function unicodeEscape(character: string): string {
  return Array.from(
    { length: character.length },
    (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`,
  ).join("");
}
