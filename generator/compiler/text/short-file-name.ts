import { createHash } from "node:crypto";

/** Longest file name in characters. Endings and a temporary suffix still fit into the 255 bytes of a file system. */
const MAX_LENGTH = 200;

/** Returns a file name. A name that is too long for a file system ends with a hash instead of its last characters. */
export function shortFileName(name: string): string {
  if (name.length <= MAX_LENGTH) return name;
  return `${name.slice(0, MAX_LENGTH)}-${createHash("sha256").update(name).digest("hex").slice(0, 8)}`;
}
