/** A file of the site, and an anchor in it. An empty file name refers to the current page. */
export interface Location {
  readonly page: string;
  readonly id?: string;
}

/**
 * Returns the relative URL of a location, valid on every page of the site. Throws if the location is not a file of the
 * site.
 */
export function hrefOf({ page, id }: Location): string {
  if (!/^[\w.-]*$/.test(page) || (id !== undefined && !/^[\w.:/~-]+$/.test(id)))
    throw new Error(`"${page}#${id ?? ""}" is not a location of a site`);
  return id === undefined ? page : `${page}#${id}`;
}
