import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { type JsonPlace, jsonPlace } from "../../compiler/diagnostics/render.ts";
import { SourceText, type Span } from "../../compiler/diagnostics/source.ts";
import type { Bump, Change, ChangeCode } from "./changes.ts";

/** A change as JSON; places as in diagnostics. */
export interface JsonChange {
  readonly code: ChangeCode;
  readonly class: Change["class"];
  readonly targets: Change["targets"];
  readonly bump: Bump;
  readonly message: string;
  readonly hint?: string;
  readonly before?: JsonPlace;
  readonly after?: JsonPlace;
}

export function changeToJson({ code, class: own, targets, bump, message, hint, before, after }: Change): JsonChange {
  return {
    code,
    class: own,
    targets,
    bump,
    message,
    ...(hint !== undefined && { hint }),
    ...(before && { before: jsonPlace(before) }),
    ...(after && { after: jsonPlace(after) }),
  };
}

/** A change as the renderers of diagnostics take it: at its place in the new version, with the old one beside it. */
export function changeToDiagnostic(change: Change): Diagnostic<ChangeCode> {
  const { code, message, hint, before, after, near } = change;
  const span = after ?? near ?? before ?? NOWHERE;
  return {
    code,
    severity: change.class === "compatible" ? "note" : "error",
    message: `${effectOf(change)}: ${message}`,
    span,
    ...(hint !== undefined && { hint }),
    ...(before && before !== span && { related: { message: "stood here", span: before } }),
  };
}

/** What changed, in one line. */
export function summaryOf(changes: readonly Change[], bump: Bump, since: string): string {
  if (bump === "none") return `no changes since ${since}`;
  const counts = (["wire", "source", "compatible"] as const).flatMap((one) => {
    const count = changes.filter((change) => change.class === one).length;
    return count === 0 ? [] : [`${count} ${COUNTED[one]}`];
  });
  return `since ${since}: ${counts.join(", ")}; semver asks for a ${bump} version`;
}

const COUNTED = {
  wire: "breaking on the wire",
  source: "breaking in TypeScript",
  compatible: "compatible",
} as const satisfies Record<Change["class"], string>;

const NOWHERE: Span = { source: new SourceText("", ""), start: 0, end: 0 };

function effectOf({ class: own, targets }: Change): string {
  if (own === "wire") return "breaks on the wire";
  if (own === "compatible") return "compatible";
  return `breaks ${targets.map((target) => `${target}s`).join(" and ")} in TypeScript`;
}
