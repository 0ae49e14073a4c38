import type { Place } from "./config/specs.ts";

/** What a command has of the world outside: a place, streams, whether people look on. */
export interface Shell extends Place {
  /** Results: diffs, JSON. */
  writeOutput(text: string): void;
  /** Talk: diagnostics, summaries. */
  writeError(text: string): void;
  /** Whether talk is coloured. */
  readonly color: boolean;
  /** Whether results are coloured. */
  readonly colorOut?: boolean;
  /** The terminal that talk goes to, for what may be erased again; absent where it goes elsewhere. */
  readonly terminal?: { readonly columns: number } | undefined;
  /** Waits until the user wants an end of what would go on. */
  interrupted?(): Promise<void>;
}

/** Exit codes of every command. */
export const EXIT = { fine: 0, findings: 1, usage: 2 } as const;
