import type { Incoming } from "@dbus-codegen-ts/runtime";
import { Connection } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import {
  type ContactAttributes,
  Contacts,
  type ContactsProperties,
  type ContactsService,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Contacts";
import {
  Contacts as Contacts0,
  type ContactsService as ContactsService0,
} from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Connection.Interface.Contacts";
import { Contacts as Contacts2013 } from "@dbus-codegen-ts/stubs/telepathy-1-2013/im.telepathy1.Connection.Interface.Contacts";
import type { ConnectionModel } from "../connection/connection-model.ts";
import { CANONICAL_ROOT, type ContractsByDialect, type Dialect, nameIn } from "../dialects/dialect.ts";
import { DialectService, type HandlersOf } from "./dialect-service.ts";

/** Contracts of the interface Contacts, by dialect. */
const CONTRACTS: ContractsByDialect = {
  "telepathy-1-2012": Contacts,
  "telepathy-1-2013": Contacts2013,
  "telepathy-0": Contacts0,
};

/** Service for the interface Contacts in one dialect. */
export class ContactsView
  extends DialectService<ContactsProperties>
  implements HandlersOf<ContactsService>, HandlersOf<ContactsService0>
{
  readonly #model: ConnectionModel;
  /** Canonical names of supported interfaces, by name in the dialect. */
  readonly #interfaces: ReadonlyMap<string, string>;

  constructor(dialect: Dialect, model: ConnectionModel) {
    const names = [Connection.name, ...model.contactAttributes.interfaces];
    const interfaces = new Map(names.map((name) => [nameIn(dialect.root, name), name]));
    super(dialect, CONTRACTS, { contactAttributeInterfaces: [...interfaces.keys()] });
    this.#model = model;
    this.#interfaces = interfaces;
  }

  async getContactAttributes(handles: readonly number[], interfaces: readonly string[]) {
    const attributes = await this.#model.contactAttributes.read(handles, this.#supported(interfaces));
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
    const [handle, attributes] = await this.#model.contactAttributes.readByIdentifier(
      identifier,
      this.#supported(interfaces),
      consumer,
    );
    return [handle, this.#named(attributes)];
  }

  #supported(interfaces: readonly string[]): readonly string[] {
    return interfaces.flatMap((name) => this.#interfaces.get(name) ?? []);
  }

  /** Returns the attributes of a contact under their names in the dialect. */
  #named({ extra = {}, ...declared }: ContactAttributes): ContactAttributes {
    const { root } = this.dialect;
    return {
      ...declared,
      extra: Object.fromEntries(Object.entries(extra).map(([name, value]) => [nameIn(root, name), value])),
    };
  }
}
