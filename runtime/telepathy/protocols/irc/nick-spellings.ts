/** Spellings of nicknames as the server last sent them. If there are too many, those of longest ago are forgotten. */
export class NickSpellings {
  readonly #limit: number;
  readonly #fold: (nick: string) => string;
  /** Spellings by normalised nickname. A spelling that equals the normalised nickname is not stored. */
  readonly #spellings = new Map<string, string>();

  constructor(limit: number, fold: (nick: string) => string) {
    this.#limit = limit;
    this.#fold = fold;
  }

  /** Returns the spelling of a normalised nickname: the nickname itself if no other is known. */
  spelling(folded: string): string {
    return this.#spellings.get(folded) ?? folded;
  }

  /** Records a nickname. Returns its normal form if its spelling has changed. */
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
