import type { MaybePromise } from "@dbus-codegen-ts/runtime";
import type { Consumer } from "@dbus-codegen-ts/runtime/usage";
import { HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import type {
  ContactAttributes,
  ContactAttributesMap,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Contacts";
import type { ProtocolConnection } from "../protocols/protocol.ts";
import type { ContactInformation } from "./presence/contact-information.ts";

/** Parts of a connection that provide attributes of contacts. */
export interface ContactSource {
  readonly protocol: ProtocolConnection;
  readonly contacts: ContactInformation;
  /** Throws DisconnectedError unless the connection is connected. */
  requireConnected(): void;
  /** Returns the handles of identifiers, which need not be normalised. */
  requestHandles(type: number, identifiers: readonly string[], consumer?: Consumer): MaybePromise<number[]>;
  /** Returns the normalised identifiers of contacts, by handle. Invalid handles are left out. */
  identifiersOf(handles: readonly number[]): ReadonlyMap<number, string>;
}

/** Reads the attributes of contacts from the protocol and from the models of presences and aliases. */
export class ContactAttributesReader {
  readonly #source: ContactSource;

  constructor(source: ContactSource) {
    this.#source = source;
  }

  /** Interfaces whose attributes can be read, in addition to `im.telepathy1.Connection`. */
  get interfaces(): readonly string[] {
    const { contacts, protocol } = this.#source;
    return [...contacts.attributeInterfaces, ...protocol.attributeInterfaces];
  }

  /**
   * Returns the identifiers and other attributes of contacts, by handle. Invalid handles are left out.
   *
   * @param interfaces - Interfaces whose attributes are requested. Unsupported interfaces are ignored.
   * @throws DisconnectedError; LimitsExceededError.
   */
  async read(handles: readonly number[], interfaces: readonly string[]): Promise<ContactAttributesMap> {
    const source = this.#source;
    source.requireConnected();
    const identifiers = source.identifiersOf(handles);
    const supported = source.protocol.attributeInterfaces.filter((name) => interfaces.includes(name));
    const names = [...identifiers.values()];
    const extras = supported.length === 0 ? [] : await source.protocol.contactAttributes(names, supported);
    source.requireConnected();
    const attributes = source.contacts.attributes(names, interfaces);
    return new Map(
      [...identifiers].map(([handle, contactId], index) => [
        handle,
        { contactId, ...attributes[index], extra: extras[index] ?? {} },
      ]),
    );
  }

  /**
   * Returns the handle and the attributes of the contact with an identifier, which need not be normalised.
   *
   * @param consumer - The client for which a new handle is counted.
   * @throws DisconnectedError; InvalidHandleError if the identifier is invalid; LimitsExceededError.
   */
  async readByIdentifier(
    identifier: string,
    interfaces: readonly string[],
    consumer?: Consumer,
  ): Promise<[number, ContactAttributes]> {
    const [handle = 0] = await this.#source.requestHandles(HandleType.Contact, [identifier], consumer);
    const attributes = await this.read([handle], interfaces);
    return [handle, attributes.get(handle) ?? {}];
  }
}
