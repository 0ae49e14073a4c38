import { groupBy } from "../../compiler/group-by.ts";
import type { Interface } from "../../compiler/resolve/ir.ts";
import { escapeScript } from "../../compiler/text/escape.ts";
import type { SiteContext } from "./context.ts";
import type { InterfaceGroup } from "./interface-groups.ts";
import type { Location } from "./location.ts";

/** An entry of the contents: a page, or the beginning of the names of several pages. */
export interface ContentsEntry {
  /** The part of the name that follows the name of the parent and a dot. */
  readonly label: string;
  /** Location of the page; absent if there is no interface of that name. */
  readonly location?: Location;
  readonly entries: readonly ContentsEntry[];
}

/** Returns the tree of all pages: projects with their interfaces below their parents, then errors and shared types. */
export function contentsOf({ ir, siteMap, groups }: SiteContext): readonly ContentsEntry[] {
  const pageOf = (iface: Interface): Location => siteMap.page(iface);
  const domains = ir.errorDomains.map((domain) => leaf(domain.name, siteMap.page(domain)));
  const shared = ir.shared.map((file) => leaf(file.name, siteMap.page(file)));
  return [
    ...groups.map((group) => groupEntry(group, pageOf)),
    ...(domains.length === 0 ? [] : [{ label: "Errors", entries: domains }]),
    ...(shared.length === 0 ? [] : [{ label: "Shared types", entries: shared }]),
  ];
}

function groupEntry({ prefix, interfaces }: InterfaceGroup, pageOf: (iface: Interface) => Location): ContentsEntry {
  const own = interfaces.find(({ name }) => name === prefix);
  const others = interfaces.filter((iface) => iface !== own);
  return { label: prefix, ...(own && { location: pageOf(own) }), entries: entriesBelow(prefix, others, pageOf) };
}

/**
 * Returns the entries of interfaces whose names begin with a prefix and a dot. The depth of the recursion is limited,
 * because an interface name has at most 127 dots.
 */
function entriesBelow(
  prefix: string,
  interfaces: readonly Interface[],
  pageOf: (iface: Interface) => Location,
): readonly ContentsEntry[] {
  const start = prefix.length + 1;
  const elementOf = ({ name }: Interface): string => name.slice(start).split(".", 1)[0] ?? "";
  return [...groupBy(interfaces, elementOf)].map(([label, members]) => {
    const name = `${prefix}.${label}`;
    const own = members.find((iface) => iface.name === name);
    const others = members.filter((iface) => iface !== own);
    const entries = others.length === 0 ? [] : entriesBelow(name, others, pageOf);
    const [only] = entries;
    if (own === undefined && only !== undefined && entries.length === 1)
      return { ...only, label: `${label}.${only.label}` };
    return { label, ...(own && { location: pageOf(own) }), entries };
  });
}

function leaf(label: string, location: Location): ContentsEntry {
  return { label, location, entries: [] };
}

/** Returns the contents as a part of a script, because pages that are opened from files can load nothing else. */
export function contentsScript(site: SiteContext): string {
  return `globalThis.dbusDocsContents = ${escapeScript(contentsOf(site).map(entryData))};\n`;
}

/** An entry as data: label, name of the file or an empty text, and entries if there are any. */
type EntryData = readonly [label: string, page: string, entries?: readonly EntryData[]];

function entryData({ label, location, entries }: ContentsEntry): EntryData {
  const page = location?.page ?? "";
  return entries.length === 0 ? [label, page] : [label, page, entries.map(entryData)];
}
