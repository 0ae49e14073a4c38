import { type Line, terminalText, visibleLine } from "../compiler/text/terminal.ts";
import type { SpecInput } from "./config/specs.ts";

/** The surroundings of a run: working folder, standard streams and terminal. */
export interface Surroundings extends SpecInput {
  writeOutput(text: string): void;
  writeError(text: string): void;
  /** Whether standard error is coloured. */
  readonly colorError: boolean;
  /** Whether standard output is coloured. */
  readonly colorOutput?: boolean;
  /**
   * The terminal that standard error writes to, on which a status line can be erased; absent if standard error is a
   * file or pipe.
   */
  readonly errorTerminal?: { readonly columns: number } | undefined;
  /** Resolves on SIGINT or SIGTERM. */
  waitForInterrupt?(): Promise<void>;
}

const ERASE_LINE = "\r\u001B[K";
const CLEAR_TERMINAL = "\u001B[2J\u001B[3J\u001B[H";

/**
 * The surroundings of a run as commands use them. Only this class writes to the standard streams, and it escapes every
 * line.
 */
export class Shell implements SpecInput {
  readonly #surroundings: Surroundings;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  get cwd(): string {
    return this.#surroundings.cwd;
  }

  /** The terminal that standard error writes to; undefined if standard error is a file or pipe. */
  get errorTerminal(): Surroundings["errorTerminal"] {
    return this.#surroundings.errorTerminal;
  }

  stdin(): AsyncIterable<Uint8Array> {
    return this.#surroundings.stdin();
  }

  /** Resolves on SIGINT or SIGTERM. */
  waitForInterrupt(): Promise<void> {
    return this.#surroundings.waitForInterrupt?.() ?? new Promise(() => {});
  }

  /** Prints results to standard output, such as diffs and JSON. */
  printOutput(lines: readonly Line[]): void {
    if (lines.length === 0) return;
    this.#surroundings.writeOutput(terminalText(lines, this.#surroundings.colorOutput ?? false));
  }

  /** Prints diagnostics and summaries to standard error. */
  printError(lines: readonly Line[]): void {
    if (lines.length === 0) return;
    this.#surroundings.writeError(terminalText(lines, this.#surroundings.colorError));
  }

  /** Replaces the current line of the terminal by a text without a line break. */
  drawLine(text: string): void {
    this.#surroundings.writeError(ERASE_LINE + visibleLine(text));
  }

  clearTerminal(): void {
    this.#surroundings.writeError(CLEAR_TERMINAL);
  }
}

/** Returns the working folder, streams, environment and signals of this process. */
export function processSurroundings(): Surroundings {
  const { stdout, stderr, stdin } = process;
  for (const stream of [stdout, stderr]) stream.on("error", ignoreClosedPipe);
  return {
    cwd: process.cwd(),
    writeOutput: (text) => void stdout.write(text),
    writeError: (text) => void stderr.write(text),
    colorError: isColored(stderr.isTTY),
    colorOutput: isColored(stdout.isTTY),
    errorTerminal: stderr.isTTY && process.env["TERM"] !== "dumb" ? stderr : undefined,
    stdin: () => stdin,
    waitForInterrupt: () =>
      new Promise((resolve) => {
        for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
      }),
  };
}

/**
 * Handles an error of an output stream: ignores that the reader, such as `head`, has closed the stream, and ends the
 * process after any other error.
 */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") process.exit(EXIT.usage);
}

/**
 * Returns whether output to a stream is coloured. NO_COLOR disables colours. FORCE_COLOR enables them, or disables them
 * with the value 0 or false. Without these variables, output to terminals is coloured.
 */
function isColored(isTerminal: boolean): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR) return false;
  return FORCE_COLOR ? !["0", "false"].includes(FORCE_COLOR) : isTerminal && TERM !== "dumb";
}

/** Exit codes of every command. */
export const EXIT = { success: 0, findings: 1, usage: 2 } as const;
