/**
 * Returns a dependency file for make, ninja and meson: the inputs of the targets, and an empty rule for each input, so that
 * make does not fail when an input is deleted.
 */
export function depsFile(targets: readonly string[], inputs: readonly string[]): string {
  const unique = [...new Set(inputs)];
  const prerequisites = unique.map((path) => ` \\\n  ${escapePath(path).replaceAll("|", "\\|")}`);
  return `${targets.map(escapeTarget).join(" \\\n")}:${prerequisites.join("")}\n${unique.map((path) => `${escapeTarget(path)}:\n`).join("")}`;
}

/** Returns whether a dependency file can contain a path: make has no escape for some characters. */
export function fitsDepsFile(path: string): boolean {
  return !/[;=\n\r]/.test(path);
}

/**
 * Returns a path as a prerequisite. As in the output of compilers, `*`, `?` and `[` are not escaped: as patterns they
 * match at least themselves.
 */
function escapePath(path: string): string {
  return path
    .replace(/(\\*)([ \t#:])/g, (_, slashes: string, character: string) => `${slashes}${slashes}\\${character}`)
    .replaceAll("$", "$$$$");
}

/** Returns a path as a target. `%` is escaped, because it would make the target a pattern. */
function escapeTarget(path: string): string {
  return escapePath(path).replaceAll("%", "\\%");
}
