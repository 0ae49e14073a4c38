import {
  type Bus,
  type CallOptions,
  type Subscription,
  type Target,
  UnknownMethodError,
} from "@dbus-codegen-ts/runtime";
import {
  ConnectionClient,
  type ConnectionErrorDetails,
  type ConnectionStatus,
  type ConnectionStatusReason,
  type Handle,
  HandleType,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import {
  type ContactAttributes,
  type ContactAttributesMap,
  ContactsClient,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Contacts";
import { InvalidHandleError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { ConnectionClient as ConnectionClient0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Connection";
import { ContactsClient as ContactsClient0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Connection.Interface.Contacts";
import { ConnectionClient as ConnectionClient2013 } from "@dbus-codegen-ts/stubs/telepathy-1-2013/im.telepathy1.Connection";
import { rootOfPath } from "../connection/object-names.ts";
import { CANONICAL_ROOT, canonicalErrorName, nameIn, type Root } from "../dialects/dialect.ts";
import { callInBatches } from "./batches.ts";
import { withCanonicalErrors } from "./remote-errors.ts";

/** Receiver of the signals of a remote connection. */
export interface RemoteConnectionListener {
  /** @param name - Canonical name of the error. */
  connectionError(name: string, details: ConnectionErrorDetails): void;
  statusChanged(status: ConnectionStatus, reason: ConnectionStatusReason): void;
  /** Called when changes of the status may have been missed, as `SubscribeOptions.onMissed` describes. */
  statusMissed?(): void;
  /** Called with the user's new handle. A change for which the connection emits two signals is reported twice. */
  selfHandleChanged(handle: Handle): void;
}

/**
 * Client of a connection in any dialect, which is detected from the object path. Names of tokens, attributes and
 * errors are canonical. If the connection has no handle methods, GetContactByID and GetContactAttributes replace
 * them for contacts.
 */
export class RemoteConnection {
  readonly target: Target;
  readonly #root: Root;
  readonly #connection: ConnectionClient | ConnectionClient0;
  /** Client for the signal SelfContactChanged, which `telepathy-1-2012` does not have. */
  readonly #newer: ConnectionClient2013 | ConnectionClient0;
  readonly #contacts: ContactsClient | ContactsClient0;
  /** Whether the connection is known to have no handle methods. */
  #lacksHandleMethods = false;

  constructor(bus: Bus, target: Target) {
    this.target = target;
    this.#root = rootOfPath(target.path) ?? CANONICAL_ROOT;
    if (this.#root === CANONICAL_ROOT) {
      this.#connection = new ConnectionClient(bus, target);
      this.#newer = new ConnectionClient2013(bus, target);
      this.#contacts = new ContactsClient(bus, target);
    } else {
      this.#connection = new ConnectionClient0(bus, target);
      this.#newer = this.#connection;
      this.#contacts = new ContactsClient0(bus, target);
    }
  }

  connect(call?: CallOptions): Promise<void> {
    return withCanonicalErrors(this.#connection.connect(call));
  }

  disconnect(call?: CallOptions): Promise<void> {
    return withCanonicalErrors(this.#connection.disconnect(call));
  }

  status(call?: CallOptions): Promise<ConnectionStatus> {
    return withCanonicalErrors(this.#connection.properties.status.get(call));
  }

  /** Reads the names of the optional interfaces in the dialect of the connection. */
  interfaces(call?: CallOptions): Promise<readonly string[]> {
    return withCanonicalErrors(this.#connection.properties.interfaces.get(call));
  }

  selfHandle(call?: CallOptions): Promise<Handle> {
    return withCanonicalErrors(this.#connection.properties.selfHandle.get(call));
  }

  /** Subscribes to the signals of the connection. Each promise resolves when one subscription is active. */
  subscribe(listener: RemoteConnectionListener): readonly Promise<Subscription>[] {
    const { connectionError, statusChanged, selfHandleChanged } = this.#connection.signals;
    return [
      connectionError.subscribe((name, details) => listener.connectionError(canonicalErrorName(name), details)),
      statusChanged.subscribe((status, reason) => listener.statusChanged(status, reason), {
        onMissed: () => listener.statusMissed?.(),
      }),
      selfHandleChanged.subscribe((handle) => listener.selfHandleChanged(handle)),
      this.#newer.signals.selfContactChanged.subscribe((handle) => listener.selfHandleChanged(handle)),
    ];
  }

  /** Returns one handle for each identifier, in the same order. */
  async requestHandles(
    type: HandleType,
    identifiers: readonly string[],
    call?: CallOptions,
  ): Promise<readonly Handle[]> {
    return this.#withHandleMethods(
      type,
      () => this.#connection.requestHandles(type, identifiers, call),
      () =>
        callInBatches(
          identifiers,
          async ([identifier = ""]) => {
            const [handle] = await this.contactById(identifier, [], call);
            return [handle];
          },
          1,
        ),
    );
  }

  /** Returns one normalised identifier for each handle, in the same order. */
  async inspectHandles(type: HandleType, handles: readonly Handle[], call?: CallOptions): Promise<readonly string[]> {
    return this.#withHandleMethods(
      type,
      () => this.#connection.inspectHandles(type, handles, call),
      async () => {
        const attributes = await this.contactAttributes(handles, [], call);
        return handles.map((handle) => {
          const identifier = attributes.get(handle)?.contactId;
          if (identifier === undefined) throw new InvalidHandleError(`${handle} is not a handle of a contact`);
          return identifier;
        });
      },
    );
  }

  /** Returns attributes of contacts, by handle. Invalid handles are left out. */
  async contactAttributes(
    handles: readonly Handle[],
    interfaces: readonly string[],
    call?: CallOptions,
  ): Promise<ContactAttributesMap> {
    const names = interfaces.map((name) => nameIn(this.#root, name));
    if (this.#contacts instanceof ContactsClient) {
      return withCanonicalErrors(this.#contacts.getContactAttributes(handles, names, call));
    }
    const attributes = await withCanonicalErrors(this.#contacts.getContactAttributes(handles, names, false, call));
    return new Map([...attributes].map(([handle, contact]) => [handle, this.#canonical(contact, interfaces)]));
  }

  /** Returns the handle and the attributes of the contact with an identifier. */
  async contactById(
    identifier: string,
    interfaces: readonly string[],
    call?: CallOptions,
  ): Promise<readonly [Handle, ContactAttributes]> {
    const names = interfaces.map((name) => nameIn(this.#root, name));
    const [handle, attributes] = await withCanonicalErrors(this.#contacts.getContactByID(identifier, names, call));
    return [handle, this.#canonical(attributes, interfaces)];
  }

  addClientInterest(tokens: readonly string[]): Promise<void> {
    return withCanonicalErrors(this.#connection.addClientInterest(tokens.map((token) => nameIn(this.#root, token))));
  }

  removeClientInterest(tokens: readonly string[]): Promise<void> {
    return withCanonicalErrors(this.#connection.removeClientInterest(tokens.map((token) => nameIn(this.#root, token))));
  }

  /** Calls a handle method. If the connection has no handle methods and `type` is Contact, calls `replace` instead. */
  async #withHandleMethods<T>(type: HandleType, call: () => Promise<T>, replace: () => Promise<T>): Promise<T> {
    if (this.#lacksHandleMethods && type === HandleType.Contact) return replace();
    try {
      return await withCanonicalErrors(call());
    } catch (error) {
      if (!(error instanceof UnknownMethodError) || type !== HandleType.Contact) throw error;
      // A connection that has ended replies with the same error, but then `replace` rejects, too.
      const result = await replace();
      this.#lacksHandleMethods = true;
      return result;
    }
  }

  /** Returns the attributes of a contact under their canonical names. */
  #canonical({ extra = {}, ...declared }: ContactAttributes, interfaces: readonly string[]): ContactAttributes {
    const byName = new Map(interfaces.map((name) => [nameIn(this.#root, name), name]));
    const entries = Object.entries(extra).map(([key, value]) => {
      const slash = key.indexOf("/");
      return [(byName.get(key.slice(0, slash)) ?? key.slice(0, slash)) + key.slice(slash), value] as const;
    });
    return { ...declared, extra: Object.fromEntries(entries) };
  }
}
