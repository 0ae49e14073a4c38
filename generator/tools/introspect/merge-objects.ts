import { createHash } from "node:crypto";
import { compareText, type Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import type { Interface } from "../../compiler/resolve/ir.ts";
import { describeDifference, differences } from "./interface-differences.ts";
import type { LiveObject } from "./live-document.ts";
import { writeInterface } from "./spec-xml.ts";

/** The interfaces of many objects, each once. */
export interface Merged {
  /** Sorted by name. */
  readonly interfaces: readonly Interface[];
  /** Interfaces that objects define differently. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Each interface of the objects once. Where they differ in one, that of the first path counts, and it is told. */
export function mergeObjects(objects: readonly LiveObject[]): Merged {
  const first = new Map<string, Placed>();
  const seen = new Set<string>();
  const diagnostics: Diagnostic[] = [];
  for (const { path, interfaces } of objects.toSorted((a, b) => compareText(a.path, b.path))) {
    for (const one of interfaces) {
      const text = writeInterface(one);
      const before = first.get(one.name);
      if (before === undefined) first.set(one.name, { one, text, path });
      else if (before.text !== text && !seen.has(text)) diagnostics.push(differs(before, { one, text, path }));
      seen.add(text);
    }
  }
  const merged = [...first.values()].map(({ one }) => one);
  return { interfaces: merged.toSorted((a, b) => compareText(a.name, b.name)), diagnostics };
}

interface Placed {
  readonly one: Interface;
  readonly text: string;
  readonly path: string;
}

function differs(before: Placed, { one, path }: Placed): Diagnostic {
  const [difference] = differences(before.one, one);
  const what = difference === undefined ? "names or annotations differ" : describeDifference(difference);
  return {
    code: "live-differs",
    severity: "warning",
    message: `the interface "${one.name}" is another at ${path} than at ${before.path}, which counts: ${what}`,
    span: one.span,
    related: { message: "counts", span: before.one.span },
  };
}

/** Longest file name in characters, so that its ending fits into 255 bytes. */
const MAX_FILE_NAME = 200;

/** File name of an interface's spec. */
export function specFileName(name: string): string {
  if (name.length <= MAX_FILE_NAME) return `${name}.xml`;
  const digest = createHash("sha256").update(name).digest("hex").slice(0, 8);
  return `${name.slice(0, MAX_FILE_NAME)}-${digest}.xml`;
}
