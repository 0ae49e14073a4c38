import { type Source, SourceText, type Span } from "./source.ts";

/** The texts that contain options, such as a config file. Diagnostics about an option point to a position in them. */
export class Origin {
  readonly #texts: readonly SourceText[];

  /** @param sources - The texts in the order in which they are searched. */
  constructor(sources: readonly Source[]) {
    this.#texts = sources.map(({ path, content }) => new SourceText(path, toText(content)));
  }

  /** Returns the span of the first occurrence of an option, or the start of the first text if it does not occur. */
  find(option: string): Span {
    for (const source of this.#texts) {
      const start = indexOfName(source.text, option);
      if (start !== -1) return { source, start, end: start + option.length };
    }
    return { source: this.#texts[0] ?? new SourceText("<options>", ""), start: 0, end: 0 };
  }
}

function toText(content: Source["content"]): string {
  return typeof content === "string" ? content : new TextDecoder().decode(content);
}

/** Returns the offset of a name that is not part of a longer name, or -1. */
function indexOfName(text: string, name: string): number {
  for (let at = text.indexOf(name); at !== -1; at = text.indexOf(name, at + 1)) {
    const [before = "", after = ""] = [text[at - 1], text[at + name.length]];
    if (name !== "" && !/[\w.:]/.test(before) && !/[\w.:([]/.test(after)) return at;
  }
  return -1;
}
