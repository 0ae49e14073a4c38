import { distance } from "fastest-levenshtein";

/** Returns the candidate with the smallest edit distance to a misspelled word, or undefined if none is similar. */
export function nearestWord(word: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates
    .filter((candidate) => Math.abs(candidate.length - word.length) <= MAX_LENGTH_DIFFERENCE)
    .map((candidate) => ({ candidate, edits: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .toSorted((a, b) => a.edits - b.edits);
  const [best] = ranked;
  if (best === undefined) return undefined;
  return best.edits <= Math.max(1, Math.floor(best.candidate.length / 2)) ? best.candidate : undefined;
}

const MAX_LENGTH_DIFFERENCE = 8;
