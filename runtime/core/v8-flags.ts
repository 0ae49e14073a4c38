/**
 * Returns the given V8 flags if V8 knows them, otherwise an empty list. Only V8 of Node.js 20 knows them. Other
 * releases would print an error for each flag, and do not need the flags, because they compile cheaper code first.
 */
export function knownV8Flags(flags: readonly string[]): readonly string[] {
  return process.versions.v8?.startsWith("11.") === true ? flags : [];
}
