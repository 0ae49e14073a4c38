import type { InterfaceContract } from "@dbus-codegen-ts/runtime";

/** First elements of all names of each dialect. */
interface Roots {
  readonly "telepathy-1-2012": "im.telepathy1";
  readonly "telepathy-1-2013": "im.telepathy1";
  readonly "telepathy-0": "org.freedesktop.Telepathy";
}

export type DialectName = keyof Roots;

/** First elements of all names of a dialect. */
export type Root = Roots[DialectName];

/** The contracts of an interface that all dialects have. */
export type ContractsByDialect = {
  readonly [Name in DialectName]: InterfaceContract & { readonly name: `${Roots[Name]}.${string}` };
};

/**
 * The names and members of one version of the Telepathy API. The code of this package uses the names of
 * `telepathy-1-2012`; a dialect converts them. The README describes the dialects.
 */
export interface Dialect {
  readonly name: DialectName;
  readonly root: Root;
  /** Whether AliasesChanged has a map instead of a list. */
  readonly aliasesChangedHasMap: boolean;
  /** Whether Renamed has the new identifier, too. */
  readonly renamedHasIdentifier: boolean;
}

/** The root whose names the code of this package uses. */
export const CANONICAL_ROOT = "im.telepathy1" satisfies Root;

/** The `1` that ends names of interfaces of `im.telepathy1`, such as `im.telepathy1.Channel.Type.Text1`. */
const INTERFACE_VERSION = /(?<=\.(?:Interface|Type)\.[A-Za-z]{1,64})1(?=$|[./])/;

/** Interfaces whose names differ in more than the root and the version. */
const RENAMED_INTERFACES: ReadonlyMap<string, string> = new Map([
  ["im.telepathy1.Connection.Interface.Presence1", "org.freedesktop.Telepathy.Connection.Interface.SimplePresence"],
  ["im.telepathy1.Channel.Interface.Room1", "org.freedesktop.Telepathy.Channel.Interface.Room2"],
  ["im.telepathy1.Channel.Interface.RoomConfig1", "org.freedesktop.Telepathy.Channel.Interface.RoomConfig1"],
  ["im.telepathy1.Channel.Interface.Subject1", "org.freedesktop.Telepathy.Channel.Interface.Subject2"],
]);

/**
 * Converts a canonical name of an interface, a member, an error, a token or an attribute to the names of a root. Names
 * of other projects are returned unchanged.
 */
export function nameIn(root: Root, name: string): string {
  if (root === CANONICAL_ROOT || !name.startsWith(`${CANONICAL_ROOT}.`)) return name;
  const iface = optionalInterfaceOf(name);
  const renamed = RENAMED_INTERFACES.get(iface);
  if (renamed !== undefined) return renamed + name.slice(iface.length);
  return `${root}${name.slice(CANONICAL_ROOT.length)}`.replace(INTERFACE_VERSION, "");
}

/** Returns the optional interface in the name of an interface, a member, a token or an attribute; empty without one. */
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
