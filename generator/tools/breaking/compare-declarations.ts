import type { Span } from "../../compiler/diagnostics/source.ts";
import { KNOWN_ANNOTATIONS } from "../../compiler/resolve/annotation-table.ts";
import type { Doc } from "../../compiler/resolve/doc.ts";
import type { Annotations } from "../../compiler/resolve/ir.ts";
import { shorten } from "../../compiler/text/shorten.ts";
import { spansOf } from "./change.ts";
import type { Comparison } from "./version.ts";

interface Declaration {
  readonly doc: Doc;
  readonly span: Span;
  readonly annotations?: Annotations;
}

/** Compares the annotations of a declaration, and whether it is deprecated. */
export function compareDeclarations(
  description: string,
  before: Declaration,
  after: Declaration,
  { changes }: Comparison,
): void {
  const spans = spansOf(before, after);
  const [wasDeprecated, isDeprecated] = [before.doc.deprecated !== undefined, after.doc.deprecated !== undefined];
  if (isDeprecated && !wasDeprecated) changes.report("deprecated", spans, `${description} is deprecated`);
  if (wasDeprecated && !isDeprecated) changes.report("undeprecated", spans, `${description} is no longer deprecated`);
  const [old, now] = [new Map(before.annotations), new Map(after.annotations)];
  for (const name of new Set([...old.keys(), ...now.keys()])) {
    // Known annotations are documentation, or their changes are reported with other codes.
    if (KNOWN_ANNOTATIONS.has(name) || old.get(name) === now.get(name)) continue;
    const message = `the annotation ${shorten(name)} of ${description} is ${quoted(now.get(name))}, was ${quoted(old.get(name))}`;
    changes.report("annotation-changed", spans, message);
  }
}

function quoted(value: string | undefined): string {
  return value === undefined ? "absent" : `"${shorten(value)}"`;
}
