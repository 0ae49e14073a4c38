import { InvalidArgumentError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import type { Dialect, DialectName } from "./dialect.ts";

/**
 * API of telepathy-spec `e2ea827a` (January 2012). Includes GetContactByID of later versions, and the methods
 * GetParameters and ListProtocols of earlier versions, because programs of that time call them.
 */
const TELEPATHY_1_2012: Dialect = {
  name: "telepathy-1-2012",
  root: "im.telepathy1",
  aliasesChangedHasMap: false,
  renamedHasIdentifier: false,
};

/** API of telepathy-spec `648d5a4e` (November 2013), which has identifiers instead of handle methods. */
const TELEPATHY_1_2013: Dialect = {
  name: "telepathy-1-2013",
  root: "im.telepathy1",
  aliasesChangedHasMap: true,
  renamedHasIdentifier: true,
};

/** API of telepathy-spec 0.27.4, which programs of Linux distributions use. */
const TELEPATHY_0: Dialect = {
  name: "telepathy-0",
  root: "org.freedesktop.Telepathy",
  aliasesChangedHasMap: false,
  renamedHasIdentifier: false,
};

/** All dialects by name; the default is the first. */
export const DIALECTS: Readonly<Record<DialectName, Dialect>> = {
  "telepathy-1-2012": TELEPATHY_1_2012,
  "telepathy-1-2013": TELEPATHY_1_2013,
  "telepathy-0": TELEPATHY_0,
};

/** Dialects of a service if its options contain none. */
export const DEFAULT_DIALECTS: readonly Dialect[] = [TELEPATHY_1_2012];

/**
 * Checks that dialects can be served together. Throws InvalidArgumentError if the list is empty, or two dialects have
 * the same root.
 */
export function requireDifferentNames(dialects: readonly Dialect[]): void {
  if (dialects.length === 0) throw new InvalidArgumentError("at least one dialect is required");
  if (new Set(dialects.map(({ root }) => root)).size === dialects.length) return;
  throw new InvalidArgumentError("two of the dialects use the same names on the bus");
}
