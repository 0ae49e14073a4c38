/** Entries that a project needs in its package.json. */
export interface Manifest {
  /** First fields of a new package.json. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** A package.json with the missing entries added. */
export interface MergedManifest {
  readonly text: string;
  /** Names of the entries that were added. */
  readonly added: readonly string[];
  /** Entries that exist with a different value and were not changed. */
  readonly unchanged: readonly string[];
}

const SECTIONS = ["scripts", "dependencies", "devDependencies"] as const;

/** Returns the text of a new package.json. */
export function newManifest(manifest: Manifest): string {
  const sections = SECTIONS.filter((section) => Object.keys(manifest[section]).length > 0);
  return jsonFile({
    ...manifest.fields,
    ...Object.fromEntries(sections.map((section) => [section, sorted(section, manifest[section])])),
  });
}

/** Returns a package.json with the missing entries added; undefined if its text is not a JSON object. */
export function mergeManifest(before: string, manifest: Manifest): MergedManifest | undefined {
  const fields = parseObject(before);
  if (fields === undefined) return undefined;
  const added: string[] = [];
  const unchanged =
    manifest.fields["type"] === (fields.get("type") ?? "commonjs") ? [] : ["its type, which is not module"];
  for (const section of SECTIONS) {
    const present = fields.get(section) ?? {};
    if (!isObject(present)) return undefined;
    const entries = new Map(Object.entries(present));
    for (const [name, value] of Object.entries(manifest[section])) {
      const what = section === "scripts" ? `script ${name}` : name;
      if (entries.has(name) || (section !== "scripts" && isDependency(name, fields))) {
        if (section === "scripts" && entries.get(name) !== value) unchanged.push(what);
        continue;
      }
      entries.set(name, value);
      added.push(what);
    }
    if (entries.size > 0) fields.set(section, Object.fromEntries(entries));
  }
  return { text: jsonFile(Object.fromEntries(fields), indentOf(before)), added, unchanged };
}

function isDependency(name: string, fields: ReadonlyMap<string, unknown>): boolean {
  return ["dependencies", "devDependencies"].some((section) => {
    const entries = fields.get(section);
    return isObject(entries) && Object.hasOwn(entries, name);
  });
}

/** Returns entries in the order of npm: dependencies are sorted, scripts are not. */
function sorted(section: string, entries: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  if (section === "scripts") return entries;
  return Object.fromEntries(Object.entries(entries).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function parseObject(text: string): Map<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? new Map(Object.entries(value)) : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function indentOf(text: string): string {
  return /^\{\r?\n([ \t]+)/.exec(text)?.[1] ?? "  ";
}

/** Returns the text of a JSON file. */
export function jsonFile(value: unknown, indent: string | number = 2): string {
  return `${JSON.stringify(value, undefined, indent)}\n`;
}
