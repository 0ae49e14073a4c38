import { MAX_NAME_LENGTH } from "./limits.ts";

const SLOTS = 512;
/** Longest cached text in bytes: all names of buses, interfaces and members fit. */
const MAX_TEXT_LENGTH = MAX_NAME_LENGTH;

/**
 * A bounded cache of short ASCII texts, so that repeated texts need not be decoded and validated each time. A new text
 * replaces an older text with the same slot.
 */
export class TextCache {
  readonly #texts: (string | undefined)[] = new Array(SLOTS).fill(undefined);

  /** Returns the cached text of bytes; undefined if the cache does not contain it. */
  find(bytes: Uint8Array, start: number, length: number): string | undefined {
    if (length > MAX_TEXT_LENGTH) return undefined;
    const text = this.#texts[slotOf(bytes, start, length)];
    if (text === undefined || text.length !== length) return undefined;
    for (let i = 0; i < length; i++) if (text.charCodeAt(i) !== bytes[start + i]) return undefined;
    return text;
  }

  /** Adds the text of bytes to the cache if it is short and ASCII. An ASCII text has as many characters as bytes. */
  add(bytes: Uint8Array, start: number, length: number, text: string): void {
    if (length <= MAX_TEXT_LENGTH && text.length === length) this.#texts[slotOf(bytes, start, length)] = text;
  }
}

/**
 * Returns the slot of a text, which depends mostly on its last characters: names differ more often at their end than at
 * their start.
 */
function slotOf(bytes: Uint8Array, start: number, length: number): number {
  if (length === 0) return 0;
  const end = start + length;
  const last = bytes[end - 1] ?? 0;
  const secondLast = bytes[end - 2] ?? 0;
  const middle = bytes[start + (length >> 1)] ?? 0;
  return (last * 31 + secondLast * 7 + middle * 131 + length * 17) & (SLOTS - 1);
}
