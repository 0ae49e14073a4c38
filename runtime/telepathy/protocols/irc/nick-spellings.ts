/** Nicknames as the server spelled them last. If there are too many, the oldest are removed. */
export class NickSpellings {
  readonly #limit: number;
  readonly #fold: (nick: string) => string;
  /** Spellings by normalised nickname. A spelling is not stored if it equals the normalised nickname. */
  readonly #spellings = new Map<string, string>();

  constructor(limit: number, fold: (nick: string) => string) {
    this.#limit = limit;
    this.#fold = fold;
  }

  /** Returns the recorded spelling of a normalised nickname; the nickname itself if no spelling is recorded. */
  spelling(folded: string): string {
    return this.#spellings.get(folded) ?? folded;
  }

  /**
   * Records the spelling of a nickname. Returns the normalised nickname if the spelling has changed; otherwise
   * undefined.
   */
  learn(nick: string): string | undefined {
    const folded = this.#fold(nick);
    const known = this.#spellings.get(folded);
    this.#spellings.delete(folded);
    if (nick !== folded) this.#spellings.set(folded, nick);
    if (this.#spellings.size > this.#limit) this.#forgetOldest();
    return (known ?? folded) === nick ? undefined : folded;
  }

  #forgetOldest(): void {
    for (const folded of this.#spellings.keys()) {
      this.#spellings.delete(folded);
      return;
    }
  }
}
