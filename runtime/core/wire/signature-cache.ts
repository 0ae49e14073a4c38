/** Maximum number of characters of all signatures in a cache. A codec takes up to about 500 bytes per character. */
const MAX_CHARACTERS = 2 ** 14;

/**
 * A bounded cache by signature. Peers choose some of the signatures, so the cache is emptied when their total length
 * reaches a limit.
 */
export class SignatureCache<T> {
  readonly #entries = new Map<string, T>();
  #characters = 0;

  get(signature: string): T | undefined {
    return this.#entries.get(signature);
  }

  /** Adds a value for a signature that is not in the cache. */
  add(signature: string, value: T): void {
    this.#characters += signature.length + 1;
    if (this.#characters > MAX_CHARACTERS) {
      this.#entries.clear();
      this.#characters = signature.length + 1;
    }
    this.#entries.set(signature, value);
  }

  /** Number of entries. */
  get size(): number {
    return this.#entries.size;
  }
}
