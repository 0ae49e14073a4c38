/** A spec: its path and its bytes or text. */
export interface Source {
  /** Path with `/` as separator. It is shown in messages, and includes are relative to it. */
  readonly path: string;
  readonly content: Uint8Array | string;
  /** Size of the whole file in bytes if `content` is only its beginning; infinite if the size is not known. */
  readonly size?: number;
  /**
   * Whether the source must be an overlay: any other source is reported. Overlays are also recognized without this
   * flag.
   */
  readonly isOverlay?: boolean;
}

/** The text of a source, with conversion between offsets and lines. */
export class SourceText {
  readonly path: string;
  readonly text: string;
  #lineStarts: readonly number[] | undefined;

  constructor(path: string, text: string) {
    this.path = path;
    this.text = text;
  }

  /** Returns the line and column, both from 1, of an offset in UTF-16 code units. */
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

  /** Returns the offset of a line and column, both from 1. */
  offset(line: number, column: number): number {
    return Math.min((this.#starts()[line - 1] ?? this.text.length) + column - 1, this.text.length);
  }

  /**
   * Returns a part of a line without its line break; undefined after the last line. Lines are counted from 1.
   *
   * @param from - Offset of the part in the line.
   */
  line(line: number, from = 0, length = Number.POSITIVE_INFINITY): string | undefined {
    const start = this.#starts()[line - 1];
    if (start === undefined) return undefined;
    const end = Math.min(this.#starts()[line] ?? Number.POSITIVE_INFINITY, start + from + length);
    return this.text.slice(start + from, Math.max(start + from, end)).replace(/\r?\n?$/, "");
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

/** A range of a source. Offsets count UTF-16 code units; the end is exclusive. */
export interface Span {
  readonly source: SourceText;
  readonly start: number;
  readonly end: number;
}
