/** Number of slots for the hashes of key sequences. */
const SLOTS = 2048;
/** Number of adjacent places for a hash. The first place is the slot of the hash. */
const PLACES = 8;
/** Random number of this process, so that peers cannot prepare keys with equal hashes. */
const SEED = Math.floor(Math.random() * 0x1_0000_0000) | 0;

/** The hash of an empty sequence of keys. */
export const NO_KEYS = SEED;

/** Returns the hash of a sequence of keys from the hash of the sequence without the last key. */
export function hashWithKey(keys: number, bytes: Uint8Array, start: number, length: number): number {
  let hash = keys ^ Math.imul(length, 0x9e37_79b1);
  for (let index = start; index < start + length; index++) hash = Math.imul(hash ^ (bytes[index] ?? 0), 0x0100_0193);
  return Math.imul(hash ^ (hash >>> 15), 0x85eb_ca6b) ^ SEED;
}

/**
 * The sequences of keys of the earlier records of a message. Records with the same keys share the memory of the keys.
 * If all places for a new sequence are used, the new sequence replaces another sequence.
 */
export class KeyShapes {
  readonly #hashes = new Int32Array(SLOTS + PLACES);

  /** Stores the hash of a sequence of keys. Returns whether it was not stored before. */
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
