import type { Incoming } from "@dbus-codegen-ts/runtime";
import { Connection } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import type {
  ContactAttributes,
  ContactsProperties,
  ContactsService,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Contacts";
import type { ContactsService as ContactsService0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Connection.Interface.Contacts";
import type { ConnectionModel } from "../connection/connection-model.ts";
import { CANONICAL_ROOT, type Dialect, nameIn } from "../dialects/dialect.ts";
import { DialectService, type HandlersOf } from "./dialect-service.ts";

/** Service for the interface Contacts in one dialect. */
export class ContactsView
  extends DialectService<ContactsProperties>
  implements HandlersOf<ContactsService>, HandlersOf<ContactsService0>
{
  readonly #model: ConnectionModel;
  /** Supported interfaces by their names in the dialect. */
  readonly #interfaces: ReadonlyMap<string, string>;

  constructor(dialect: Dialect, model: ConnectionModel) {
    const names = [Connection.name, ...model.attributeInterfaces];
    const interfaces = new Map(names.map((name) => [nameIn(dialect.root, name), name]));
    super(dialect, "contacts", { contactAttributeInterfaces: [...interfaces.keys()] });
    this.#model = model;
    this.#interfaces = interfaces;
  }

  async getContactAttributes(handles: readonly number[], interfaces: readonly string[]) {
    const attributes = await this.#model.contactAttributes(handles, this.#supported(interfaces));
    if (this.dialect.root === CANONICAL_ROOT) return attributes;
    return new Map([...attributes].map(([handle, contact]) => [handle, this.#named(contact)]));
  }

  async getContactByID(
    identifier: string,
    interfaces: readonly string[],
    incoming: Incoming,
  ): Promise<[number, ContactAttributes]> {
    const { uid } = await incoming.credentials();
    const consumer = { client: incoming.sender, uid };
    const [handle, attributes] = await this.#model.contactById(identifier, this.#supported(interfaces), consumer);
    return [handle, this.#named(attributes)];
  }

  #supported(interfaces: readonly string[]): readonly string[] {
    return interfaces.flatMap((name) => this.#interfaces.get(name) ?? []);
  }

  /** Returns attributes by their names in the dialect. */
  #named({ extra = {}, ...declared }: ContactAttributes): ContactAttributes {
    const { root } = this.dialect;
    return {
      ...declared,
      extra: Object.fromEntries(Object.entries(extra).map(([name, value]) => [nameIn(root, name), value])),
    };
  }
}
