import type { AnyService } from "@dbus-codegen-ts/runtime";
import { Contacts } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Contacts";
import type { ConnectionModel } from "../connection/connection-model.ts";
import { ContactsObject } from "./contacts-object.ts";

/** An optional interface of connections (Telepathy specification, Connection.Interfaces). */
export interface ConnectionInterface {
  readonly name: string;
  /** Creates the service that implements the interface for one connection. */
  readonly create: (model: ConnectionModel) => AnyService;
}

/** All optional interfaces that connections of this package have. A new interface is registered here. */
export const CONNECTION_INTERFACES: readonly ConnectionInterface[] = [
  { name: Contacts.name, create: (model) => new ContactsObject(model) },
];
