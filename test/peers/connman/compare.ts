import type { Outputs } from "./recording.ts";

/** A message that only one of the two services sent, or two different messages at the same place. */
export interface Difference {
  readonly session: string;
  readonly expected?: string;
  readonly actual?: string;
}

export interface Comparison {
  /** Number of messages that both services sent, in the same order within their session. */
  readonly equal: number;
  /** Number of equal messages and differences. */
  readonly total: number;
  readonly differences: readonly Difference[];
}

/** Compares messages by session. The order of messages of different sessions has no meaning in ConnMan. */
export function compare(expected: Outputs, actual: Outputs): Comparison {
  let equal = 0;
  const differences: Difference[] = [];
  for (const session of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
    const { [session]: left = [] } = expected;
    const found = differencesOf(left, actual[session] ?? []);
    equal += left.length - found.filter((difference) => difference.expected !== undefined).length;
    differences.push(...found.map((difference) => ({ session, ...difference })));
  }
  return { equal, total: equal + differences.length, differences };
}

type Found = Omit<Difference, "session">;

/** Aligns two lists by their longest common subsequence. A message in place of another one is one difference. */
function differencesOf(expected: readonly string[], actual: readonly string[]): readonly Found[] {
  const width = actual.length + 1;
  const lengths = new Uint32Array((expected.length + 1) * width);
  const at = (row: number, column: number): number => lengths[row * width + column] ?? 0;
  for (let row = expected.length - 1; row >= 0; row--) {
    for (let column = actual.length - 1; column >= 0; column--) {
      const isEqual = expected[row] === actual[column];
      lengths[row * width + column] = isEqual
        ? at(row + 1, column + 1) + 1
        : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const found: Found[] = [];
  let [missing, extra]: [string[], string[]] = [[], []];
  const endRun = (): void => {
    for (let index = 0; index < Math.max(missing.length, extra.length); index++) {
      const [expectedText, actualText] = [missing[index], extra[index]];
      found.push({
        ...(expectedText !== undefined && { expected: expectedText }),
        ...(actualText !== undefined && { actual: actualText }),
      });
    }
    [missing, extra] = [[], []];
  };
  let [row, column] = [0, 0];
  while (row < expected.length || column < actual.length) {
    const [left, right] = [expected[row], actual[column]];
    if (left !== undefined && left === right) {
      endRun();
      row++;
      column++;
    } else if (right === undefined || (left !== undefined && at(row + 1, column) >= at(row, column + 1))) {
      if (left !== undefined) missing.push(left);
      row++;
    } else {
      extra.push(right);
      column++;
    }
  }
  endRun();
  return found;
}
