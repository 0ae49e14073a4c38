/** Maximum length of a name that is compared, in UTF-16 code units. */
const MAX_LENGTH = 64;
/** Maximum number of candidates that are compared. A service decides how many there are. */
const MAX_CANDIDATES = 1000;

/** Returns the candidate with the smallest edit distance to a misspelled name; undefined if no candidate is similar. */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  if (name.length > MAX_LENGTH) return undefined;
  const lower = name.toLowerCase();
  let nearest: string | undefined;
  let smallest = Math.max(1, Math.floor(name.length / 3)) + 1;
  let compared = 0;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) >= smallest) continue;
    if (++compared > MAX_CANDIDATES) break;
    const edits = distance(lower, candidate.toLowerCase());
    if (edits >= smallest) continue;
    smallest = edits;
    nearest = candidate;
  }
  return nearest;
}

/**
 * Returns the edit distance of two texts (Levenshtein): the number of insertions, deletions and replacements that turn
 * one into the other.
 */
function distance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const replaced = (previous[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[to.length] ?? 0;
}
