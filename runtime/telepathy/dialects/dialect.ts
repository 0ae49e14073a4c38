import type { InterfaceContract } from "@dbus-codegen-ts/runtime";

/** Root of the names in each dialect: their first elements. */
interface Roots {
  readonly "telepathy-1-2012": "im.telepathy1";
  readonly "telepathy-1-2013": "im.telepathy1";
  readonly "telepathy-0": "org.freedesktop.Telepathy";
}

export type DialectName = keyof Roots;

/** First elements of all names of a dialect. */
export type Root = Roots[DialectName];

/** The contracts of one interface in all dialects. */
export type ContractsByDialect = {
  readonly [Name in DialectName]: InterfaceContract & { readonly name: `${Roots[Name]}.${string}` };
};

/**
 * Names and members of one version of the Telepathy API. The code of this package uses the names of
 * `telepathy-1-2012`, which are converted to those of the dialect. The README describes the dialects.
 */
export interface Dialect {
  readonly name: DialectName;
  readonly root: Root;
  /** Whether the argument of the signal AliasesChanged is a map. Otherwise it is a list of pairs. */
  readonly aliasesChangedHasMap: boolean;
  /** Whether the signal Renamed contains the new identifier, in addition to the handles. */
  readonly renamedHasIdentifier: boolean;
}

/** The root of the canonical names, which the code of this package uses. */
export const CANONICAL_ROOT = "im.telepathy1" satisfies Root;

/** The digit `1` at the end of interface names under `im.telepathy1`, such as `im.telepathy1.Channel.Type.Text1`. */
const INTERFACE_VERSION = /(?<=\.(?:Interface|Type)\.[A-Za-z]{1,64})1(?=$|[./])/;

/**
 * Names of interfaces in `telepathy-0` by canonical name, where they differ in more than the root and the version
 * digit.
 */
const RENAMED_INTERFACES: ReadonlyMap<string, string> = new Map([
  ["im.telepathy1.Connection.Interface.Presence1", "org.freedesktop.Telepathy.Connection.Interface.SimplePresence"],
  ["im.telepathy1.Channel.Interface.Room1", "org.freedesktop.Telepathy.Channel.Interface.Room2"],
  ["im.telepathy1.Channel.Interface.RoomConfig1", "org.freedesktop.Telepathy.Channel.Interface.RoomConfig1"],
  ["im.telepathy1.Channel.Interface.Subject1", "org.freedesktop.Telepathy.Channel.Interface.Subject2"],
]);

/**
 * Converts a canonical name of an interface, a member, an error, a token or an attribute to the name under a root.
 * Names of other projects are returned unchanged.
 */
export function nameIn(root: Root, name: string): string {
  if (root === CANONICAL_ROOT || !name.startsWith(`${CANONICAL_ROOT}.`)) return name;
  const iface = optionalInterfaceOf(name);
  const renamed = RENAMED_INTERFACES.get(iface);
  if (renamed !== undefined) return renamed + name.slice(iface.length);
  return `${root}${name.slice(CANONICAL_ROOT.length)}`.replace(INTERFACE_VERSION, "");
}

/**
 * Returns the name of the optional interface with which a name of an interface, a member, a token or an attribute
 * starts; may be empty.
 */
function optionalInterfaceOf(name: string): string {
  const marker = ".Interface.";
  const start = name.indexOf(marker);
  if (start < 0) return "";
  const length = name.slice(start + marker.length).search(/[./]/);
  return length < 0 ? name : name.slice(0, start + marker.length + length);
}

/** Converts an error name of any dialect to the canonical name. Other names are returned unchanged. */
export function canonicalErrorName(name: string): string {
  const prefix = "org.freedesktop.Telepathy.Error.";
  return name.startsWith(prefix) ? `${CANONICAL_ROOT}.Error.${name.slice(prefix.length)}` : name;
}
