import type { Span } from "../../compiler/diagnostics/source.ts";
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

/** Compares whether a declaration is deprecated, and its annotations. */
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
    if (EXCLUDED_ANNOTATIONS.test(name) || old.get(name) === now.get(name)) continue;
    const message = `the annotation ${shorten(name)} of ${description} is ${quoted(now.get(name))}, was ${quoted(old.get(name))}`;
    changes.report("annotation-changed", spans, message);
  }
}

/** Annotations that are documentation, or whose changes other kinds of changes report. */
const EXCLUDED_ANNOTATIONS =
  /^org\.(?:gtk\.GDBus\.(?:DocString(?:\.Short)?|Since)|freedesktop\.DBus\.(?:Deprecated|Method\.NoReply|Property\.EmitsChangedSignal)|freedesktop\.systemd1\.Privileged)$/;

function quoted(value: string | undefined): string {
  return value === undefined ? "absent" : `"${shorten(value)}"`;
}
