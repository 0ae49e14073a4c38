/** Namespace of the Telepathy extensions: docs, named types, errors. */
export const TELEPATHY = "http://telepathy.freedesktop.org/wiki/DbusSpec#extensions-v0";
/** Namespace of this project's typed dictionaries. */
export const DICTIONARY = "urn:dbus-codegen-ts:dictionary:1";
/** Namespace of freedesktop documentation elements. */
export const DOCUMENTATION = "http://www.freedesktop.org/dbus/1.0/doc.dtd";
export const XINCLUDE = "http://www.w3.org/2001/XInclude";

interface ElementRule {
  readonly children: readonly string[];
  readonly attributes: readonly string[];
}

/** Elements of introspection XML without a namespace: what may stand in them. */
export const ELEMENTS: Readonly<Record<string, ElementRule>> = {
  node: { children: ["interface", "node", "annotation"], attributes: ["name"] },
  interface: { children: ["method", "signal", "property", "annotation"], attributes: ["name"] },
  method: { children: ["arg", "annotation"], attributes: ["name"] },
  signal: { children: ["arg", "annotation"], attributes: ["name"] },
  property: { children: ["annotation"], attributes: ["name", "type", "access"] },
  arg: { children: ["annotation"], attributes: ["name", "type", "direction"] },
  annotation: { children: ["annotation"], attributes: ["name", "value"] },
};

/** The known word nearest to an unknown one, if it is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const ranked = known.map((one) => ({ one, distance: editDistance(word.toLowerCase(), one.toLowerCase()) }));
  const best = ranked.toSorted((a, b) => a.distance - b.distance)[0];
  return best !== undefined && best.distance <= Math.max(1, Math.floor(best.one.length / 2)) ? best.one : undefined;
}

function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 8) return Number.POSITIVE_INFINITY;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
