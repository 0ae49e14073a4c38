import type { AnyService, ObjectPath } from "@dbus-codegen-ts/runtime";
import { Aliasing1 } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Aliasing1";
import { Contacts } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Contacts";
import { Presence1 } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Presence1";
import { Renaming1 } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Renaming1";
import { Requests } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Requests";
import type { ConnectionModel } from "../connection/connection-model.ts";
import { type Dialect, nameIn } from "../dialects/dialect.ts";
import type { Protocol } from "../protocols/protocol.ts";
import { ContactsView } from "./contacts-view.ts";
import { AliasingView } from "./presence/aliasing-view.ts";
import { PresenceView } from "./presence/presence-view.ts";
import { RenamingView } from "./presence/renaming-view.ts";
import { RequestsView } from "./requests-view.ts";

/** An optional interface of connections (Telepathy specification, Connection.Interfaces). */
export interface ConnectionInterface {
  /** Canonical name of the interface. */
  readonly name: string;
  /**
   * Creates the service that implements the interface for one connection in one dialect.
   *
   * @param path - Object path of the connection in the dialect.
   */
  readonly create: (dialect: Dialect, model: ConnectionModel, path: ObjectPath) => AnyService;
}

/** Returns the optional interfaces that a connection supports. A new interface is registered here. */
export function interfacesOf({
  contacts: { presence, aliases, renames },
}: ConnectionModel): readonly ConnectionInterface[] {
  return [
    ...COMMON_INTERFACES,
    ...(presence ? [{ name: Presence1.name, create: (dialect: Dialect) => new PresenceView(dialect, presence) }] : []),
    ...(aliases ? [{ name: Aliasing1.name, create: (dialect: Dialect) => new AliasingView(dialect, aliases) }] : []),
    ...(renames ? [{ name: Renaming1.name, create: (dialect: Dialect) => new RenamingView(dialect, renames) }] : []),
  ];
}

/** Returns the names, in a dialect, of the optional interfaces that connections of a protocol support. */
export function interfaceNames({ connectionInterfaces = [] }: Protocol, { root }: Dialect): readonly string[] {
  return [...COMMON_INTERFACES.map(({ name }) => name), ...connectionInterfaces].map((name) => nameIn(root, name));
}

/** Optional interfaces that all connections support. */
const COMMON_INTERFACES: readonly ConnectionInterface[] = [
  { name: Requests.name, create: (dialect, model, path) => new RequestsView(dialect, model, path) },
  { name: Contacts.name, create: (dialect, model) => new ContactsView(dialect, model) },
];
