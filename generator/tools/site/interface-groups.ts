import { compareText } from "../../compiler/diagnostics/diagnostic.ts";
import { groupBy } from "../../compiler/group-by.ts";
import type { Interface } from "../../compiler/resolve/ir.ts";

/** Interfaces of one project, whose names are a common prefix or begin with this prefix and a dot. */
export interface InterfaceGroup {
  readonly prefix: string;
  readonly interfaces: readonly Interface[];
}

/** Prefixes that many projects share. The third element of a name identifies the project. */
const SHARED_PREFIXES = new Set(["org.freedesktop", "org.gnome", "org.kde", "com.canonical", "com.redhat"]);

/**
 * Groups interfaces by project. An interface whose name is the prefix of a project belongs to that project. Groups are
 * sorted by prefix; interfaces keep their order.
 */
export function groupInterfaces(interfaces: readonly Interface[]): readonly InterfaceGroup[] {
  const prefixes = new Set(interfaces.map(({ name }) => prefixOf(name)));
  return [...groupBy(interfaces, ({ name }) => (prefixes.has(name) ? name : prefixOf(name)))]
    .map(([prefix, members]) => ({ prefix, interfaces: members }))
    .toSorted((a, b) => compareText(a.prefix, b.prefix));
}

/** Returns the part of a name that identifies the project: up to a version number, else two or three elements. */
function prefixOf(name: string): string {
  const elements = name.split(".").slice(0, -1);
  const version = elements.findIndex((element, index) => index > 0 && /\d$/.test(element));
  if (version !== -1) return elements.slice(0, version + 1).join(".");
  return elements.slice(0, SHARED_PREFIXES.has(elements.slice(0, 2).join(".")) ? 3 : 2).join(".");
}

/** Returns the name of an interface without the prefix of its group. */
export function shortName({ name }: Interface, prefix: string): string {
  return name.startsWith(`${prefix}.`) ? name.slice(prefix.length + 1) : name;
}
