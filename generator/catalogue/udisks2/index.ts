/** Bus name of UDisks and the object path of its manager. */
export const UDISKS = { destination: "org.freedesktop.UDisks2", path: "/org/freedesktop/UDisks2/Manager" } as const;

/** Decodes a text of bytes with a final NUL byte, as in paths and in entries of fstab. Invalid UTF-8 becomes U+FFFD. */
export function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end === -1 ? bytes : bytes.subarray(0, end));
}

/** Returns the bytes of a text, with a final NUL byte. */
export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(`${text}\0`);
}
