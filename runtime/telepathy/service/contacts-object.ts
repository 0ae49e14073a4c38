import { Connection } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { ContactsService } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Contacts";
import type { LiveConnection } from "../connection/connection-model.ts";

/** Serves `im.telepathy1.Connection.Interface.Contacts`: attributes of many contacts at once. */
export class ContactsObject extends ContactsService {
  readonly #live: LiveConnection;

  constructor(live: LiveConnection) {
    super({ contactAttributeInterfaces: [Connection.name, ...live.attributeInterfaces] });
    this.#live = live;
  }

  getContactAttributes(handles: readonly number[], interfaces: readonly string[]) {
    return this.#live.contactAttributes(handles, interfaces);
  }
}
