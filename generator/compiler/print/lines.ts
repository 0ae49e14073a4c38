/** Lines of text with indentation: what ts-morph's writer does, without its look at every character. */
export class Lines {
  readonly #lines: string[] = [];
  #indent = "";

  add(text: string): void {
    this.#lines.push(text === "" ? "" : this.#indent + text);
  }

  blank(): void {
    this.#lines.push("");
  }

  /** Adds what a block adds two spaces further in. */
  indent(block: () => void): void {
    const before = this.#indent;
    this.#indent += "  ";
    block();
    this.#indent = before;
  }

  toString(): string {
    return `${this.#lines.join("\n")}\n`;
  }
}
