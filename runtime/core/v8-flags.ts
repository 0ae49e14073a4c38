/**
 * Returns flags of V8 that only its release in Node.js 20 knows, or none in another release, which would print an error for
 * each. Later releases compile cheaper code first, and need none.
 */
export function knownV8Flags(flags: readonly string[]): readonly string[] {
  return process.versions.v8?.startsWith("11.") === true ? flags : [];
}
