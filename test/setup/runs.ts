const FACTOR = Number(process.env["TEST_RUNS_FACTOR"] ?? 1);

/** Returns the number of runs of a randomised test: the usual number, or more in `npm run fuzz -- properties`. */
export function runs(usual: number): number {
  return Math.ceil(usual * FACTOR);
}
