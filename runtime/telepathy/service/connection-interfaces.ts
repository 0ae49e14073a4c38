import type { AnyService } from "@dbus-codegen-ts/runtime";
import { Contacts } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Contacts";
import { Requests } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Requests";
import type { ConnectionModel } from "../connection/connection-model.ts";
import type { Dialect } from "../dialects/dialect.ts";
import { ContactsView } from "./contacts-view.ts";
import { RequestsView } from "./requests-view.ts";

/** An optional interface of connections (Telepathy specification, Connection.Interfaces). */
export interface ConnectionInterface {
  /** Canonical name. */
  readonly name: string;
  /** Creates the service that implements the interface for one connection in one dialect. */
  readonly create: (dialect: Dialect, model: ConnectionModel) => AnyService;
}

/** All optional interfaces that connections of this package have. A new interface is registered here. */
export const CONNECTION_INTERFACES: readonly ConnectionInterface[] = [
  { name: Requests.name, create: (dialect, model) => new RequestsView(dialect, model) },
  { name: Contacts.name, create: (dialect, model) => new ContactsView(dialect, model) },
];
