/** An error in a file. */
export interface FileProblem {
  /** Line number from 1; absent if the whole file is concerned. */
  readonly line?: number;
  /** Column from 1, in UTF-16 code units. */
  readonly column?: number;
  /** The key to which the error belongs; absent if the error belongs to no key. */
  readonly key?: string;
  /** Human-readable description of the error. */
  readonly message: string;
}

/** A line `key = value`. */
export interface KeyFileEntry {
  readonly key: string;
  /** Text after the equals sign, without surrounding spaces and with escapes replaced. */
  readonly value: string;
  readonly line: number;
  /** Column at which the value starts. */
  readonly column: number;
}

/** A line `[name]`, with the entries below it. */
export interface KeyFileGroup {
  readonly name: string;
  readonly line: number;
  readonly entries: readonly KeyFileEntry[];
}

/** The groups that could be read, and all errors. */
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

const UNKNOWN_ESCAPE = `unknown escape; known escapes are ${[...ESCAPES.keys()].map((letter) => `\\${letter}`).join(" ")}`;

/**
 * Parses a key file of GLib (the syntax of desktop entries): groups, comments with `#`, `key = value`, and the escapes
 * `\s \n \t \r \\`. There are two differences from GLib: a repeated group or key is an error, because it hides a mistake,
 * and spaces at the end of a value are removed.
 */
export function parseKeyFile(text: string): KeyFile {
  const parser = new Parser();
  for (const [index, line] of text.split("\n").entries()) parser.readLine(line, index + 1);
  return parser;
}

interface OpenGroup extends KeyFileGroup {
  readonly entries: KeyFileEntry[];
}

class Parser implements KeyFile {
  readonly groups: OpenGroup[] = [];
  readonly problems: FileProblem[] = [];
  readonly #groupLines = new Map<string, number>();
  /** Line number of each key of the last group. */
  #keyLines = new Map<string, number>();

  readLine(line: string, number: number): void {
    const text = line.trim();
    if (text === "" || text.startsWith("#")) return;
    const column = line.indexOf(text) + 1;
    if (text.startsWith("[")) this.#group(text, number, column);
    else this.#entry(text, number, column);
  }

  #group(text: string, line: number, column: number): void {
    const name = GROUP.exec(text)?.[1];
    if (name === undefined) this.problems.push({ line, column, message: `${quote(text)} is not a group: [name]` });
    else this.#checkUnique(this.#groupLines, name, { line, column }, "group");
    // Entries after an invalid group line do not belong to the previous group.
    this.groups.push({ name: name ?? text, line, entries: [] });
    this.#keyLines = new Map();
  }

  #entry(text: string, line: number, column: number): void {
    const equals = text.indexOf("=");
    const key = text.slice(0, Math.max(equals, 0)).trimEnd();
    if (key === "") {
      this.problems.push({
        line,
        column,
        message: `${quote(text)} is neither a comment nor a [group] nor key = value`,
      });
      return;
    }
    const group = this.groups.at(-1);
    if (group === undefined) this.problems.push({ line, column, key, message: "a [group] must come first" });
    else this.#checkUnique(this.#keyLines, key, { line, column, key }, "key");
    const raw = text.slice(equals + 1).trimStart();
    const start = column + text.length - raw.length;
    group?.entries.push({ key, value: this.#unescape(raw, { line, column: start, key }), line, column: start });
  }

  #unescape(raw: string, place: Required<Omit<FileProblem, "message">>): string {
    return raw.replace(/\\(.?)/gsu, (_, letter: string, offset: number) => {
      const character = ESCAPES.get(letter);
      const column = place.column + offset;
      if (character === undefined) this.problems.push({ ...place, column, message: UNKNOWN_ESCAPE });
      return character ?? "";
    });
  }

  #checkUnique(
    lines: Map<string, number>,
    name: string,
    place: Omit<FileProblem, "message"> & { line: number },
    kind: "group" | "key",
  ) {
    const first = lines.get(name);
    if (first === undefined) lines.set(name, place.line);
    else this.problems.push({ ...place, message: `the ${kind} is already defined in line ${first}` });
  }
}

/** Quotes a text from a file for a message: shortens it and escapes control characters. */
export function quote(text: string): string {
  const short = JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
  return short.replace(/[\p{Cc}\p{Cf}]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}
