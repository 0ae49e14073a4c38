import type { GroupName, Result } from "./result.ts";

const STATUSES = ["passed", "failed", "skipped"] as const;

/** Returns the lines of a table: each group with the number of its results by status, and each check below its group. */
export function summary(groups: readonly GroupName[], results: readonly Result[]): readonly string[] {
  return groups.flatMap((group) => {
    const rows = results.filter((result) => result.group === group);
    return [`${group.padEnd(18)}${rows.length === 0 ? "not run" : counts(rows)}`, ...rows.map(row)];
  });
}

/** Returns how many results have each status. */
export function counts(results: readonly Result[]): string {
  const counted = STATUSES.map((each) => [each, results.filter(({ status }) => status === each).length] as const);
  return counted.map(([status, count]) => `${count} ${status}`).join(", ");
}

function row({ status, name, detail }: Result): string {
  const reason = status === "passed" ? "" : `  ${detail.split("\n", 1)[0]}`;
  return `  ${status.padEnd(8)}${name}${reason}`;
}
