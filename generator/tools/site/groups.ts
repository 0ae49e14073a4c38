import { compareText } from "../../compiler/diagnostics/diagnostic.ts";
import type { Interface } from "../../compiler/resolve/ir.ts";

/** Interfaces of one project, by the beginning of their names. */
export interface Group {
  readonly prefix: string;
  readonly interfaces: readonly Interface[];
}

/** Names below these belong to many projects: the third element tells them apart. */
const UMBRELLAS = new Set(["org.freedesktop", "org.gnome", "org.kde", "com.canonical", "com.redhat"]);

/** Interfaces by project, both in order of names. */
export function groupInterfaces(interfaces: readonly Interface[]): readonly Group[] {
  const groups = new Map<string, Interface[]>();
  for (const one of interfaces) {
    const prefix = prefixOf(one.name);
    groups.set(prefix, [...(groups.get(prefix) ?? []), one]);
  }
  return [...groups]
    .map(([prefix, members]) => ({ prefix, interfaces: members }))
    .toSorted((a, b) => compareText(a.prefix, b.prefix));
}

/** The part of a name that says whose interface it is: up to a version, else two elements, three below an umbrella. */
function prefixOf(name: string): string {
  const elements = name.split(".").slice(0, -1);
  const version = elements.findIndex((element, index) => index > 0 && /\d$/.test(element));
  if (version !== -1) return elements.slice(0, version + 1).join(".");
  return elements.slice(0, UMBRELLAS.has(elements.slice(0, 2).join(".")) ? 3 : 2).join(".");
}
