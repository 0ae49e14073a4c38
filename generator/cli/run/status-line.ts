import type { Shell } from "../shell.ts";

/** Duration after which a running task gets a status line. */
const SHOW_AFTER_MS = 300;
/** Shortest time between two updates of the line. */
const REDRAW_INTERVAL_MS = 50;
/** Columns of a terminal that does not report its width. */
const DEFAULT_COLUMNS = 40;

/** Sets the text of the status line. */
export type SetStatus = (text: string) => void;

/**
 * Runs a task with a status line on the terminal. The line appears if the task takes long and is erased at its end.
 * Without a terminal the task runs without a line.
 */
export async function withStatusLine<T>(shell: Shell, task: (setStatus: SetStatus) => Promise<T>): Promise<T> {
  if (shell.errorTerminal === undefined) return task(() => {});
  const line = new StatusLine(shell, shell.errorTerminal);
  try {
    return await task((text) => line.show(text));
  } finally {
    line.end();
  }
}

class StatusLine {
  readonly #shell: Shell;
  readonly #terminal: { readonly columns: number };
  readonly #timer: NodeJS.Timeout;
  #text = "";
  #isDrawn = false;
  #nextDrawMs = performance.now() + SHOW_AFTER_MS;

  constructor(shell: Shell, terminal: { readonly columns: number }) {
    this.#shell = shell;
    this.#terminal = terminal;
    this.#timer = setTimeout(() => this.#draw(), SHOW_AFTER_MS);
  }

  show(text: string): void {
    this.#text = text;
    // The timer does not run while the task blocks the thread, so the time is checked here too.
    if (performance.now() >= this.#nextDrawMs) this.#draw();
  }

  end(): void {
    clearTimeout(this.#timer);
    if (this.#isDrawn) this.#shell.drawLine("");
  }

  #draw(): void {
    if (this.#text === "") return;
    // The last column stays free because some terminals wrap the line after it.
    const width = this.#terminal.columns > 1 ? this.#terminal.columns - 1 : DEFAULT_COLUMNS;
    this.#shell.drawLine(this.#text.slice(0, width));
    this.#isDrawn = true;
    this.#nextDrawMs = performance.now() + REDRAW_INTERVAL_MS;
  }
}
