import { join, sep } from "node:path";
import { nearestWord } from "../../compiler/text/nearest-word.ts";
import { catalogueFolder, catalogueNames } from "../../tools/catalogue/catalogue-folder.ts";
import { UsageError } from "../usage-error.ts";

/** The beginning of a reference to an API of the catalogue, as in `catalogue:networkmanager`. */
const CATALOGUE = "catalogue:";

/** Returns a reference to an API of the catalogue. */
export function catalogueReference(name: string): string {
  return CATALOGUE + name;
}

/** Returns whether an absolute path is in the catalogue. */
export function isInCatalogue(path: string): boolean {
  return path.startsWith(catalogueFolder() + sep);
}

/**
 * Returns the folder of specs or overlays that a reference to the catalogue names; undefined for any other path.
 *
 * @throws UsageError if the catalogue does not contain the API. The message suggests a similar name.
 */
export function cataloguePath(path: string, part: "specs" | "overlays"): string | undefined {
  if (!path.startsWith(CATALOGUE)) return undefined;
  const name = path.slice(CATALOGUE.length);
  const names = catalogueNames();
  if (names.includes(name)) return join(catalogueFolder(), name, part);
  const nearest = nearestWord(name, names);
  const hint = nearest === undefined ? '"dbus-codegen add --list" lists it' : `did you mean ${CATALOGUE}${nearest}?`;
  throw new UsageError(`the catalogue has no "${name}"; ${hint}`);
}
