import type { Span } from "../../compiler/diagnostics/source.ts";
import type { Doc } from "../../compiler/resolve/doc.ts";
import type { Annotations } from "../../compiler/resolve/ir.ts";
import { shorten } from "../../compiler/text/shorten.ts";
import type { Versions } from "./version.ts";

interface Declared {
  readonly doc: Doc;
  readonly span: Span;
  readonly annotations?: Annotations;
}

/** What every declared thing may change: whether it is deprecated, and its annotations. */
export function compareDeclared(what: string, before: Declared, after: Declared, { changes }: Versions): void {
  const places = { before: before.span, after: after.span };
  const [was, is] = [before.doc.deprecated !== undefined, after.doc.deprecated !== undefined];
  if (is && !was) changes.report("deprecated", places, `${what} is deprecated`);
  if (was && !is) changes.report("undeprecated", places, `${what} is no longer deprecated`);
  const [old, now] = [new Map(before.annotations), new Map(after.annotations)];
  for (const name of new Set([...old.keys(), ...now.keys()])) {
    if (KNOWN.test(name) || old.get(name) === now.get(name)) continue;
    const message = `the annotation ${shorten(name)} of ${what} is ${quoted(now.get(name))}, was ${quoted(old.get(name))}`;
    changes.report("annotation-changed", places, message);
  }
}

/** Annotations that are documentation, or that other kinds of changes speak of. */
const KNOWN =
  /^org\.(?:gtk\.GDBus\.(?:DocString(?:\.Short)?|Since)|freedesktop\.DBus\.(?:Deprecated|Method\.NoReply|Property\.EmitsChangedSignal)|freedesktop\.systemd1\.Privileged)$/;

function quoted(value: string | undefined): string {
  return value === undefined ? "absent" : `"${shorten(value)}"`;
}
