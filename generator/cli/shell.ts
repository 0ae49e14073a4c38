import type { SpecInput } from "./config/specs.ts";

/** The surroundings of a command: working folder, standard streams and terminal. */
export interface Shell extends SpecInput {
  /** Writes results to standard output, such as diffs and JSON. */
  writeOutput(text: string): void;
  /** Writes diagnostics and summaries to standard error. */
  writeError(text: string): void;
  /** Whether standard error is coloured. */
  readonly colorError: boolean;
  /** Whether standard output is coloured. */
  readonly colorOutput?: boolean;
  /** The terminal behind standard error, on which a status line can be erased; absent for a file or pipe. */
  readonly errorTerminal?: { readonly columns: number } | undefined;
  /** Resolves on SIGINT or SIGTERM. */
  waitForInterrupt?(): Promise<void>;
}

/** Exit codes of every command. */
export const EXIT = { success: 0, findings: 1, usage: 2 } as const;
