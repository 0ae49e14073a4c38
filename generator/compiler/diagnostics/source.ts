/** A spec file as it came: a path for messages and includes, and its bytes or text. */
export interface Source {
  /** Path relative to where the tool runs, with `/` between folders; shown in messages. */
  readonly path: string;
  readonly content: Uint8Array | string;
}

/** A decoded spec file that can tell lines and columns. */
export class SourceText {
  readonly path: string;
  readonly text: string;
  #lineStarts: readonly number[] | undefined;

  constructor(path: string, text: string) {
    this.path = path;
    this.text = text;
  }

  /** Line and column, both from 1, of an offset in UTF-16 code units. */
  position(offset: number): { readonly line: number; readonly column: number } {
    const starts = this.#starts();
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  }

  /** Offset of a line and column, both from 1. */
  offset(line: number, column: number): number {
    return Math.min((this.#starts()[line - 1] ?? this.text.length) + column - 1, this.text.length);
  }

  /** Text of a line, from 1, without its end; undefined past the last. */
  line(line: number): string | undefined {
    const start = this.#starts()[line - 1];
    if (start === undefined) return undefined;
    const end = this.#starts()[line];
    return this.text.slice(start, end).replace(/\r?\n$/, "");
  }

  #starts(): readonly number[] {
    if (this.#lineStarts === undefined) {
      const starts = [0];
      for (let at = this.text.indexOf("\n"); at !== -1; at = this.text.indexOf("\n", at + 1)) starts.push(at + 1);
      this.#lineStarts = starts;
    }
    return this.#lineStarts;
  }
}

/** A stretch of a source, end exclusive, in UTF-16 code units. */
export interface Span {
  readonly source: SourceText;
  readonly start: number;
  readonly end: number;
}
