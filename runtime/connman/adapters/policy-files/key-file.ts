/** Something wrong in a file. */
export interface FileProblem {
  /** From 1; absent where it is the file as a whole. */
  readonly line?: number;
  /** From 1, in UTF-16 code units. */
  readonly column?: number;
  /** The key that it is about. */
  readonly key?: string;
  /** What is wrong, for people. */
  readonly message: string;
}

/** A line `key = value`. */
export interface KeyFileEntry {
  readonly key: string;
  /** What stands behind the equals sign, without the spaces around it, escapes resolved. */
  readonly value: string;
  readonly line: number;
  /** Where the value starts. */
  readonly column: number;
}

/** A line `[name]`, with the entries below it. */
export interface KeyFileGroup {
  readonly name: string;
  readonly line: number;
  readonly entries: readonly KeyFileEntry[];
}

/** What was read, as far as it could be, and everything that is wrong with it. */
export interface KeyFile {
  readonly groups: readonly KeyFileGroup[];
  readonly problems: readonly FileProblem[];
}

const GROUP = /^\[([^[\]\p{Cc}]+)\]$/u;
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["s", " "],
  ["n", "\n"],
  ["t", "\t"],
  ["r", "\r"],
  ["\\", "\\"],
]);

const NO_ESCAPE = `no escape; there are ${[...ESCAPES.keys()].map((letter) => `\\${letter}`).join(" ")}`;

/**
 * Reads the syntax of GLib's key files, which desktop entries have too: groups, comments with `#`, `key = value`, the
 * escapes `\s \n \t \r \\`. Two things that GLib lets pass are problems here, because they hide a mistake: the same group
 * or key twice. Spaces at the end of a value, which GLib keeps, are no part of it.
 */
export function parseKeyFile(text: string): KeyFile {
  const reading = new Reading();
  for (const [index, line] of text.split("\n").entries()) reading.read(line, index + 1);
  return reading;
}

interface OpenGroup extends KeyFileGroup {
  readonly entries: KeyFileEntry[];
}

class Reading implements KeyFile {
  readonly groups: OpenGroup[] = [];
  readonly problems: FileProblem[] = [];
  readonly #groupLines = new Map<string, number>();
  /** Lines of the keys of the last group. */
  #keyLines = new Map<string, number>();

  read(line: string, number: number): void {
    const text = line.trim();
    if (text === "" || text.startsWith("#")) return;
    const column = line.indexOf(text) + 1;
    if (text.startsWith("[")) this.#group(text, number, column);
    else this.#entry(text, number, column);
  }

  #group(text: string, line: number, column: number): void {
    const name = GROUP.exec(text)?.[1];
    if (name === undefined) this.problems.push({ line, column, message: `${quote(text)} is no group: [name]` });
    else this.#once(this.#groupLines, name, { line, column }, "group");
    // What follows a broken group line does not belong to the group before.
    this.groups.push({ name: name ?? text, line, entries: [] });
    this.#keyLines = new Map();
  }

  #entry(text: string, line: number, column: number): void {
    const equals = text.indexOf("=");
    const key = text.slice(0, Math.max(equals, 0)).trimEnd();
    if (key === "") {
      this.problems.push({ line, column, message: `${quote(text)} is no comment, no [group] and no key = value` });
      return;
    }
    const group = this.groups.at(-1);
    if (group === undefined) this.problems.push({ line, column, key, message: "a [group] must come first" });
    else this.#once(this.#keyLines, key, { line, column, key }, "key");
    const raw = text.slice(equals + 1).trimStart();
    const start = column + text.length - raw.length;
    group?.entries.push({ key, value: this.#unescape(raw, { line, column: start, key }), line, column: start });
  }

  #unescape(raw: string, place: Required<Omit<FileProblem, "message">>): string {
    return raw.replace(/\\(.?)/gsu, (_, letter: string, offset: number) => {
      const character = ESCAPES.get(letter);
      const column = place.column + offset;
      if (character === undefined) this.problems.push({ ...place, column, message: NO_ESCAPE });
      return character ?? "";
    });
  }

  #once(
    seen: Map<string, number>,
    name: string,
    place: Omit<FileProblem, "message"> & { line: number },
    what: "group" | "key",
  ) {
    const first = seen.get(name);
    if (first === undefined) seen.set(name, place.line);
    else this.problems.push({ ...place, message: `the same ${what} is in line ${first} already` });
  }
}

/** A text from a file, made fit for a message: short, and nothing in it that a terminal would obey. */
export function quote(text: string): string {
  const short = JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
  return short.replace(/[\p{Cc}\p{Cf}]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}
