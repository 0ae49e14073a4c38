import { Connection } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { ContactsService } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Contacts";
import type { ConnectionModel } from "../connection/connection-model.ts";

/** Service for `im.telepathy1.Connection.Interface.Contacts`. */
export class ContactsObject extends ContactsService {
  readonly #model: ConnectionModel;

  constructor(model: ConnectionModel) {
    super({ contactAttributeInterfaces: [Connection.name, ...model.protocol.attributeInterfaces] });
    this.#model = model;
  }

  getContactAttributes(handles: readonly number[], interfaces: readonly string[]) {
    return this.#model.contactAttributes(handles, interfaces);
  }
}
