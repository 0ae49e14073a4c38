import type { Ir } from "../../compiler/resolve/ir.ts";
import { type InterfaceGroup, shortName } from "./interface-groups.ts";
import type { Location } from "./location.ts";
import type { PageSubject, SiteMap } from "./site-map.ts";

/** The place of a page among the pages of its group, which have the order of the contents. */
export interface PagePlace {
  readonly title: string;
  readonly pages: readonly { readonly subject: PageSubject; readonly name: string; readonly location: Location }[];
  readonly index: number;
}

/** Returns the places of all pages. */
export function pagePlaces(
  { errorDomains, shared }: Ir,
  groups: readonly InterfaceGroup[],
  siteMap: SiteMap,
): ReadonlyMap<PageSubject, PagePlace> {
  const places = new Map<PageSubject, PagePlace>();
  const add = <T extends PageSubject>(title: string, subjects: readonly T[], nameOf: (subject: T) => string): void => {
    const pages = subjects.map((subject) => ({ subject, name: nameOf(subject), location: siteMap.page(subject) }));
    for (const [index, { subject }] of pages.entries()) places.set(subject, { title, pages, index });
  };
  for (const { prefix, interfaces } of groups) add(prefix, interfaces, (iface) => shortName(iface, prefix));
  add("Errors", errorDomains, ({ name }) => name);
  add("Shared types", shared, ({ name }) => name);
  return places;
}
