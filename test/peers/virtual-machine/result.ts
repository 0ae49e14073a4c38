/** The result of a check, or, without `name`, the end of all checks. One line of JSON each. */
export interface Result {
  /** Name of the group of checks. */
  readonly group: string;
  readonly name: string;
  readonly hasPassed: boolean;
  /** What was observed, or the error. */
  readonly detail: string;
  /** Milliseconds that the check took by the clock of the machine. */
  readonly durationMs: number;
}

/** The line after the last result. */
export const END = "end";
