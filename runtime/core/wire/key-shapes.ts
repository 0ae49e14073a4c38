/** Most sequences of keys that are remembered. */
const SLOTS = 2048;
/** Adjacent places that a sequence may have. */
const PLACES = 8;
/** Differs in each process, so that no peer can prepare keys with equal hashes. */
const SEED = Math.floor(Math.random() * 0x1_0000_0000) | 0;

/** The hash of no keys. */
export const NO_KEYS = SEED;

/** Returns the hash of the keys of a record after a key is added. */
export function hashWithKey(keys: number, bytes: Uint8Array, start: number, length: number): number {
  let hash = keys ^ Math.imul(length, 0x9e37_79b1);
  for (let index = start; index < start + length; index++) hash = Math.imul(hash ^ (bytes[index] ?? 0), 0x0100_0193);
  return Math.imul(hash ^ (hash >>> 15), 0x85eb_ca6b) ^ SEED;
}

/**
 * The sequences of keys that earlier records of a message have. Records with the same keys share the memory of the keys.
 * A sequence is forgotten if its places are needed for others.
 */
export class KeyShapes {
  readonly #hashes = new Int32Array(SLOTS + PLACES);

  /** Returns whether a sequence of keys is new, and remembers it. */
  add(hash: number): boolean {
    const slot = (hash >>> 3) & (SLOTS - 1);
    for (let place = slot; place < slot + PLACES; place++) {
      const known = this.#hashes[place];
      if (known === hash) return false;
      if (known === 0) {
        this.#hashes[place] = hash;
        return true;
      }
    }
    this.#hashes[slot] = hash;
    return true;
  }
}
