import type { Place } from "./places.ts";

/** The address of a place, as seen from any page of the site. */
export function hrefOf({ page, id }: Place): string {
  // No scheme, no folder: an address that is anything but a file of the site is a bug.
  if (!/^[\w.-]*$/.test(page) || (id !== undefined && !/^[\w.:/~-]+$/.test(id)))
    throw new Error(`"${page}#${id ?? ""}" is no place of a site`);
  return id === undefined ? page : `${page}#${id}`;
}
