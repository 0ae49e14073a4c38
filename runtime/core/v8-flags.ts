/**
 * Returns the given V8 flags if V8 knows them, otherwise an empty list. Only V8 of Node.js 20 knows the flags. Other
 * releases would print an error for each flag. They do not need the flags, because they first compile code with a
 * faster compiler.
 */
export function knownV8Flags(flags: readonly string[]): readonly string[] {
  return process.versions.v8?.startsWith("11.") === true ? flags : [];
}
