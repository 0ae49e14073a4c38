/** Returns a text without the repetitions of a suffix at its end. */
export function withoutSuffix(text: string, suffix: string): string {
  let end = text.length;
  while (text.endsWith(suffix, end) && end > 0) end -= suffix.length;
  return text.slice(0, end);
}
