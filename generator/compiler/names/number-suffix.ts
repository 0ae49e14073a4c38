/**
 * A search for numbers that make repeated names unique. Each search continues where the previous one for the name
 * ended.
 */
export class NumberSuffixes {
  readonly #next = new Map<string, number>();

  /** Returns the first free text among `numbered(2)`, `numbered(3)` and so on. */
  firstFree(name: string, isFree: (candidate: string) => boolean, numbered: (number: number) => string): string {
    for (let number = this.#next.get(name) ?? 2; ; number++) {
      const candidate = numbered(number);
      if (!isFree(candidate)) continue;
      this.#next.set(name, number + 1);
      return candidate;
    }
  }
}
