import type { Shell } from "../shell.ts";

/** How long work may take before anybody is told what it is about, and how often that is written, in milliseconds. */
const PATIENCE = 300;
const REDRAW = 50;

/** The width that is assumed where a terminal tells none: hardly any is narrower. */
const NARROW = 40;

const ERASE = "\r\u001B[K";

/** Says what is going on. */
export type Step = (what: string) => void;

/** Does work with a line on the terminal that says what is going on; it appears when this takes long, and is gone at the end. */
export async function withProgress<T>(shell: Shell, work: (step: Step) => Promise<T>): Promise<T> {
  if (shell.terminal === undefined) return work(() => {});
  const line = new StatusLine(shell, shell.terminal);
  try {
    return await work((what) => line.show(what));
  } finally {
    line.end();
  }
}

class StatusLine {
  readonly #shell: Shell;
  readonly #terminal: { readonly columns: number };
  readonly #timer: NodeJS.Timeout;
  #what = "";
  #isDrawn = false;
  #drawAfter = performance.now() + PATIENCE;

  constructor(shell: Shell, terminal: { readonly columns: number }) {
    this.#shell = shell;
    this.#terminal = terminal;
    this.#timer = setTimeout(() => this.#draw(), PATIENCE);
  }

  show(what: string): void {
    this.#what = what;
    // Work that keeps the thread to itself lets no timer run.
    if (performance.now() >= this.#drawAfter) this.#draw();
  }

  end(): void {
    clearTimeout(this.#timer);
    if (this.#isDrawn) this.#shell.writeError(ERASE);
  }

  #draw(): void {
    if (this.#what === "") return;
    // The last column stays free: some terminals begin a new line after it. Others do not know how wide they are.
    const width = this.#terminal.columns > 1 ? this.#terminal.columns - 1 : NARROW;
    this.#shell.writeError(`${ERASE}${this.#what.slice(0, width)}`);
    this.#isDrawn = true;
    this.#drawAfter = performance.now() + REDRAW;
  }
}
