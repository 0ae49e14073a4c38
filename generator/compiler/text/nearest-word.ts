import { distance } from "fastest-levenshtein";

/**
 * Returns the candidate that a misspelled word most likely means, or undefined if none is similar: the one with the
 * fewest edits, or a longer or shorter form of the word, such as `out` for `output`.
 */
export function nearestWord(word: string, candidates: readonly string[]): string | undefined {
  return nearestByEdits(word, candidates) ?? nearestForm(word, candidates);
}

const MAX_LENGTH_DIFFERENCE = 8;

function nearestByEdits(word: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates
    .filter((candidate) => Math.abs(candidate.length - word.length) <= MAX_LENGTH_DIFFERENCE)
    .map((candidate) => ({ candidate, edits: editsBetween(word.toLowerCase(), candidate.toLowerCase()) }))
    .toSorted((a, b) => a.edits - b.edits);
  const [best] = ranked;
  if (best === undefined) return undefined;
  return best.edits <= Math.max(1, Math.floor(best.candidate.length / 2)) ? best.candidate : undefined;
}

/** Returns the edit distance of two words. Two swapped letters are one edit. */
function editsBetween(word: string, candidate: string): number {
  return isSwap(word, candidate) ? 1 : distance(word, candidate);
}

function isSwap(word: string, candidate: string): boolean {
  let at = 0;
  while (at < word.length && word[at] === candidate[at]) at++;
  const swapped = `${word.slice(0, at)}${word.charAt(at + 1)}${word.charAt(at)}${word.slice(at + 2)}`;
  return swapped === candidate && word !== candidate;
}

const MIN_FORM_LENGTH = 3;
/**
 * Largest number of letters that may be left out of a word to form another word, if neither word begins with the other.
 */
const MAX_LEFT_OUT = 3;

/**
 * Returns the candidate of nearest length that is a form of the word: one of the two begins with the other, or lacks
 * some of its letters.
 */
function nearestForm(word: string, candidates: readonly string[]): string | undefined {
  const difference = (candidate: string): number => Math.abs(candidate.length - word.length);
  return candidates
    .filter((candidate) => isForm(word.toLowerCase(), candidate.toLowerCase()))
    .toSorted((a, b) => difference(a) - difference(b))[0];
}

function isForm(word: string, candidate: string): boolean {
  const [short, long] = word.length < candidate.length ? [word, candidate] : [candidate, word];
  if (short.length < MIN_FORM_LENGTH) return false;
  if (long.startsWith(short)) return true;
  return long[0] === short[0] && long.length - short.length <= MAX_LEFT_OUT && isWithLettersLeftOut(short, long);
}

/** Returns whether `short` is `long` without some of its letters. */
function isWithLettersLeftOut(short: string, long: string): boolean {
  let at = 0;
  for (const letter of long) if (letter === short[at]) at++;
  return at === short.length;
}
