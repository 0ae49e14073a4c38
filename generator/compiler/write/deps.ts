/** A deps file as make, ninja and meson read it: what targets depend on, and a rule for each of these, so that one may go. */
export function depsFile(targets: readonly string[], inputs: readonly string[]): string {
  const unique = [...new Set(inputs)];
  const prerequisites = unique.map((path) => ` \\\n  ${escapePath(path).replaceAll("|", "\\|")}`);
  return `${targets.map(escapeTarget).join(" \\\n")}:${prerequisites.join("")}\n${unique.map((path) => `${escapeTarget(path)}:\n`).join("")}`;
}

/** Whether make can be told of a path: it has no escape for some characters. */
export function fitsDepsFile(path: string): boolean {
  return !/[;=\n\r]/.test(path);
}

/** A path as it stands in a rule, by the custom of compilers: `*`, `?` and `[` match at least themselves. */
function escapePath(path: string): string {
  return path
    .replace(/(\\*)([ \t#:])/g, (_, slashes: string, one: string) => `${slashes}${slashes}\\${one}`)
    .replaceAll("$", "$$$$");
}

/** A path before the colon, where `%` would make a pattern of it. */
function escapeTarget(path: string): string {
  return escapePath(path).replaceAll("%", "\\%");
}
