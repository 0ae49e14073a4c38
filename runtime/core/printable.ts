/** Matches characters that control a terminal or are invisible, except the line feed. */
const HIDDEN = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Returns a text with hidden characters escaped as in `\u{1b}`. Line feeds are kept. */
export function printable(text: string): string {
  const hex = (character: string): string => (character.codePointAt(0) ?? 0).toString(16);
  return text.replace(HIDDEN, (character) => `\\u{${hex(character)}}`);
}
