import { MAX_NAME_LENGTH } from "./limits.ts";

const SLOTS = 512;
/** Longest cached text in bytes: all names of buses, interfaces and members fit. */
const MAX_TEXT_LENGTH = MAX_NAME_LENGTH;

/**
 * Remembers short ASCII texts that come again and again, so that they need not be decoded and checked anew. A new text
 * takes the place of an old one, so what is remembered is bounded.
 */
export class TextCache {
  readonly #texts: (string | undefined)[] = new Array(SLOTS).fill(undefined);

  /** The remembered text of bytes. */
  find(bytes: Uint8Array, start: number, length: number): string | undefined {
    if (length > MAX_TEXT_LENGTH) return undefined;
    const text = this.#texts[slotOf(bytes, start, length)];
    if (text === undefined || text.length !== length) return undefined;
    for (let i = 0; i < length; i++) if (text.charCodeAt(i) !== bytes[start + i]) return undefined;
    return text;
  }

  /** Remembers the text of bytes, where it is short and has as many characters as bytes: then it is ASCII. */
  add(bytes: Uint8Array, start: number, length: number, text: string): void {
    if (length <= MAX_TEXT_LENGTH && text.length === length) this.#texts[slotOf(bytes, start, length)] = text;
  }
}

/** Names differ at their end more often than at their start. */
function slotOf(bytes: Uint8Array, start: number, length: number): number {
  if (length === 0) return 0;
  const end = start + length;
  const last = bytes[end - 1] ?? 0;
  const secondLast = bytes[end - 2] ?? 0;
  const middle = bytes[start + (length >> 1)] ?? 0;
  return (last * 31 + secondLast * 7 + middle * 131 + length * 17) & (SLOTS - 1);
}
