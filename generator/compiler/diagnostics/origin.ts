import { type Source, SourceText, type Span } from "./source.ts";

/** The texts that options come from, such as a config file: where a complaint about an option points to. */
export class Origin {
  readonly #texts: readonly SourceText[];

  /** @param sources - In the order in which an option is sought in them. */
  constructor(sources: readonly Source[]) {
    this.#texts = sources.map(({ path, content }) => new SourceText(path, toText(content)));
  }

  /** The place of an option: its first mention as a whole, else the begin of the first text. */
  find(option: string): Span {
    for (const source of this.#texts) {
      const start = mention(source.text, option);
      if (start !== -1) return { source, start, end: start + option.length };
    }
    return { source: this.#texts[0] ?? new SourceText("<options>", ""), start: 0, end: 0 };
  }
}

function toText(content: Source["content"]): string {
  return typeof content === "string" ? content : new TextDecoder().decode(content);
}

/** Where a text has another one that is not part of a longer name. */
function mention(text: string, sought: string): number {
  for (let at = text.indexOf(sought); at !== -1; at = text.indexOf(sought, at + 1)) {
    const [before = "", after = ""] = [text[at - 1], text[at + sought.length]];
    if (sought !== "" && !/[\w.:]/.test(before) && !/[\w.:([]/.test(after)) return at;
  }
  return -1;
}
