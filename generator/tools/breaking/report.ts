import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { type JsonRange, jsonRange } from "../../compiler/diagnostics/render.ts";
import { SourceText, type Span } from "../../compiler/diagnostics/source.ts";
import type { Change } from "./change.ts";
import type { Bump } from "./change-kind.ts";
import type { ChangeCode } from "./change-kinds.ts";

/** The JSON form of a change. Positions have the same form as in diagnostics. */
export interface JsonChange {
  readonly code: ChangeCode;
  readonly class: Change["class"];
  readonly targets: Change["targets"];
  readonly bump: Bump;
  readonly message: string;
  readonly hint?: string;
  readonly before?: JsonRange;
  readonly after?: JsonRange;
}

/** Converts a change to its JSON form. */
export function changeToJson(change: Change): JsonChange {
  const { code, targets, bump, message, hint, before, after } = change;
  return {
    code,
    class: change.class,
    targets,
    bump,
    message,
    ...(hint !== undefined && { hint }),
    ...(before && { before: jsonRange(before) }),
    ...(after && { after: jsonRange(after) }),
  };
}

/** Converts a change to a diagnostic at its position in the new version, with its position in the old one as related. */
export function changeToDiagnostic(change: Change): Diagnostic<ChangeCode> {
  const { code, message, hint, before, after, near } = change;
  const span = after ?? near ?? before ?? NO_SPAN;
  return {
    code,
    severity: change.class === "compatible" ? "note" : "error",
    message: `${effectOf(change)}: ${message}`,
    span,
    ...(hint !== undefined && { hint }),
    ...(before && before !== span && { related: { message: "was declared here", span: before } }),
  };
}

/** Returns one line that counts the changes by class and names the version bump. */
export function summaryOf(changes: readonly Change[], bump: Bump, since: string): string {
  if (bump === "none") return `no changes since ${since}`;
  const counts = (["wire", "source", "compatible"] as const).flatMap((changeClass) => {
    const count = changes.filter((change) => change.class === changeClass).length;
    return count === 0 ? [] : [`${count} ${CLASS_NAMES[changeClass]}`];
  });
  return `since ${since}: ${counts.join(", ")}; semver requires a ${bump} version`;
}

const CLASS_NAMES = {
  wire: "breaking on the wire",
  source: "breaking in TypeScript",
  compatible: "compatible",
} as const satisfies Record<Change["class"], string>;

const NO_SPAN: Span = { source: new SourceText("", ""), start: 0, end: 0 };

function effectOf(change: Change): string {
  if (change.class === "wire") return "breaks on the wire";
  if (change.class === "compatible") return "compatible";
  return `breaks ${change.targets.map((target) => `${target}s`).join(" and ")} in TypeScript`;
}
