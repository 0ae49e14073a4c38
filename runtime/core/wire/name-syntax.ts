import { MAX_NAME_LENGTH } from "./limits.ts";

// Peers choose these texts and their length. A regular expression with a repeated group needs stack for each
// repetition, so texts are scanned character by character.

/** Sets of ASCII characters. Each set is a bit, so that sets can be combined with `|`. */
const LETTER = 1;
const DIGIT = 2;
const HYPHEN = 4;
/** Codes of the characters `/`, `.` and `-`. */
const SLASH = 47;
const DOT = 46;
const MINUS = 45;
/**
 * The set of each character, indexed by character code; 0 for characters that no name contains. The underscore is in
 * the set of letters.
 */
const SETS = Uint8Array.from({ length: 256 }, (_, code) => {
  const character = String.fromCharCode(code);
  return /[a-z_]/i.test(character) ? LETTER : /\d/.test(character) ? DIGIT : code === MINUS ? HYPHEN : 0;
});

/**
 * Returns whether a text is a property name that services use: a member name, or words separated by hyphens, such as
 * `power-saver-enabled`. Properties of GObject have such names, and the specification does not forbid them.
 */
export const isPropertyName = (name: string): boolean =>
  isShort(name) && isIn(LETTER, name.charCodeAt(0)) && countElements(name, 0, MINUS, LETTER | DIGIT) > 0;

/** Returns whether a text is a method, signal or property name. */
export const isMemberName = (name: string): boolean => isShort(name) && countElements(name, 0, DOT, LETTER) === 1;

/** Returns whether a text is an interface name: two or more elements separated by dots. */
export const isInterfaceName = (name: string): boolean => isShort(name) && countElements(name, 0, DOT, LETTER) >= 2;

/** Returns whether a text is an error name, which has the grammar of an interface name. */
export const isErrorName = (name: string): boolean => isInterfaceName(name);

/** Returns whether a text is a unique (`:1.7`) or well-known (`net.connman`) bus name. */
export function isBusName(name: string): boolean {
  if (!isShort(name)) return false;
  const isUnique = name.startsWith(":");
  const first = isUnique ? LETTER | DIGIT | HYPHEN : LETTER | HYPHEN;
  return countElements(name, isUnique ? 1 : 0, DOT, first, LETTER | DIGIT | HYPHEN) >= 2;
}

/**
 * Returns whether a text is a bus name in a header. As in libdbus, a unique name there needs no dot, and its first
 * element may be empty.
 */
export function isHeaderBusName(name: string): boolean {
  if (!name.startsWith(":") || name === ":") return name === ":" || isBusName(name);
  const start = name.startsWith(":.") ? 2 : 1;
  const characters = LETTER | DIGIT | HYPHEN;
  return isShort(name) && countElements(name, start, DOT, characters, characters) > 0;
}

/** Returns whether a text is an object path. The check takes linear time. The length of the text is not limited. */
export function isObjectPath(path: string): boolean {
  if (path.charCodeAt(0) !== SLASH) return false;
  return path.length === 1 || countElements(path, 1, SLASH, LETTER | DIGIT) > 0;
}

function isShort(name: string): boolean {
  return name.length <= MAX_NAME_LENGTH;
}

/**
 * Returns the number of elements between separators, from `start` to the end of the text; 0 if an element is empty or
 * contains another character.
 *
 * @param first - Characters with which an element may begin.
 * @param rest - Characters that an element may contain after the first.
 */
function countElements(text: string, start: number, separator: number, first: number, rest = LETTER | DIGIT): number {
  const { length } = text;
  let count = 0;
  for (let index = start; index < length; index++) {
    if (!isIn(first, text.charCodeAt(index))) return 0;
    count++;
    for (;;) {
      if (++index >= length) return count;
      const code = text.charCodeAt(index);
      if (code === separator) break;
      if (!isIn(rest, code)) return 0;
    }
  }
  return 0;
}

function isIn(set: number, code: number): boolean {
  // A read past the end of the table would be slow.
  return code < SETS.length && ((SETS[code] ?? 0) & set) !== 0;
}
