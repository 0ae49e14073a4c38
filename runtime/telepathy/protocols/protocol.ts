import type { MaybePromise, Variant } from "@dbus-codegen-ts/runtime";
import type {
  ConnectionErrorDetails,
  ConnectionStatusReason,
  HandleType,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import type { AliasHost, AliasProtocol, RenamingHost, RenamingProtocol } from "./aliases.ts";
import type { ParameterSpec, ParameterValues } from "./parameters.ts";
import type { PresenceHost, PresenceProtocol } from "./presence.ts";
import type { RoomHost, RoomProtocol } from "./rooms.ts";
import type { RequestableChannels, TextHost, TextProtocol } from "./text-messages.ts";

/**
 * An instant-messaging protocol that a connection manager supports. Protocol code implements this interface and knows
 * nothing of D-Bus. It throws errors of `im.telepathy1.Error`, which are sent to the caller unchanged.
 */
export interface Protocol {
  /** Name such as `irc` or `local-xmpp`: ASCII letters, digits and hyphens, starting with a letter. */
  readonly name: string;
  /** Name for users, such as `IRC`; empty for none. */
  readonly englishName: string;
  /** Name of an icon, such as `im-irc`; empty for none. */
  readonly icon: string;
  /** vCard field that contains identifiers of the protocol, such as `x-irc`; empty for none. */
  readonly vCardField: string;
  /** All parameters that `open` supports. Others are rejected before it is called. */
  readonly parameters: readonly ParameterSpec[];
  /** Canonical names of the optional interfaces that connections have in addition to Requests and Contacts. */
  readonly connectionInterfaces?: readonly string[];
  /** Whether an account can have several connections at the same time: false by default. */
  readonly permitsSeveralConnections?: boolean;
  /** Channels that clients can request of its connections: none by default. */
  readonly channels?: readonly RequestableChannels[];

  /**
   * Returns a text that identifies the account (Telepathy specification, Protocol.IdentifyAccount). It is equal for two
   * sets of parameters if and only if they identify the same account.
   *
   * @throws InvalidArgumentError if the parameters do not identify an account.
   */
  identifyAccount(parameters: ParameterValues): string;

  /**
   * Returns the normal form of a contact's identifier, as far as it is known without a server (Telepathy specification,
   * Protocol.NormalizeContact).
   *
   * @throws InvalidHandleError if no contact can have the identifier.
   */
  normalizeContact(identifier: string): string;

  /**
   * Creates a connection. Nothing is sent over the network before its `connect`.
   *
   * @param host - Receiver of the connection's events. It must not be called before `connect`.
   * @throws InvalidArgumentError if the parameters contradict each other.
   */
  open(parameters: ParameterValues, host: ConnectionHost): ProtocolConnection;
}

/** The protocol's side of one connection, from `open` until it calls `host.disconnected`, or `disconnect` is called. */
export interface ProtocolConnection {
  /** Supported types of handles: `Contact`, and `Room` if the protocol has rooms. */
  readonly handleTypes: readonly HandleType[];
  /** Tokens that `startReporting` supports. Interests in other tokens are ignored. */
  readonly interestTokens: readonly string[];
  /** Interfaces whose attributes `contactAttributes` returns: not those of other members of this object. */
  readonly attributeInterfaces: readonly string[];
  /** Texts to contacts. Without it, the connection has no text channels. */
  readonly text?: TextProtocol;
  /** Rooms, which require texts. Without it, the connection has no channels with rooms. */
  readonly rooms?: RoomProtocol;
  /** Presences of the user and of contacts. Without it, the connection has no interface Presence. */
  readonly presence?: PresenceProtocol;
  /** Aliases of the user and of contacts. Without it, the connection has no interface Aliasing. */
  readonly aliases?: AliasProtocol;
  /** Changes of identifiers. Without it, the connection has no interface Renaming. */
  readonly renaming?: RenamingProtocol;

  /**
   * Starts to connect; called once. The result is reported by `host.connected` or `host.disconnected`, before or after
   * this returns.
   *
   * @throws DBusError if it cannot start. The connection is then disconnected, and the caller gets the error.
   */
  connect(): void;

  /**
   * Disconnects because the user requested it; called at most once, and not after `host.disconnected`. Later calls of
   * the host are ignored.
   *
   * @returns A promise that settles when all resources are released. The host waits a few seconds at most, and treats a
   * rejection like a resolution.
   */
  disconnect(): Promise<void>;

  /**
   * Returns the normal form of an identifier. Two identifiers of a type refer to the same entity if and only if their
   * normal forms are equal; a normal form is its own normal form. Called only after `host.connected`. The result for an
   * identifier must not change afterwards, so settings of the server, such as its case mapping, must be known by then.
   *
   * @param type - One of `handleTypes`.
   * @throws InvalidHandleError if nothing of that type can have the identifier.
   */
  normalize(type: HandleType, identifier: string): MaybePromise<string>;

  /**
   * Returns the current attributes of contacts, without `im.telepathy1.Connection/contact-id`.
   *
   * @param identifiers - Normalised identifiers.
   * @param interfaces - Those of `attributeInterfaces` whose attributes are requested.
   * @returns For each identifier, at the same position, attributes by full name: interface, slash, attribute.
   */
  contactAttributes(
    identifiers: readonly string[],
    interfaces: readonly string[],
  ): MaybePromise<readonly Readonly<Record<string, Variant>>[]>;

  /**
   * Starts the notifications of an interest token, because the first client is interested in it. Called only while
   * connected; for an earlier interest it is called right after `host.connected`.
   */
  startReporting(token: string): void;

  /** Stops the notifications of an interest token, because no client is interested any more or the connection ends. */
  stopReporting(token: string): void;
}

/** The error that ended a connection (Telepathy specification, Connection.ConnectionError). */
export interface ConnectionFailure {
  /**
   * Error name such as `im.telepathy1.Error.ConnectionRefused`, or one that the protocol defines. By default it is the
   * error equivalent to the reason and to whether the connection was connected.
   */
  readonly name?: string;
  /** Details without passwords or other secrets. */
  readonly details?: ConnectionErrorDetails;
}

/** Receiver of the events of a `ProtocolConnection`. It ignores all calls after `disconnected` or `disconnect`. */
export interface ConnectionHost {
  /** Receiver of texts. */
  readonly text: TextHost;
  /** Receiver of the events of rooms. */
  readonly rooms: RoomHost;
  /** Receiver of changed presences. */
  readonly presence: PresenceHost;
  /** Receiver of changed aliases. */
  readonly aliases: AliasHost;
  /** Receiver of changed identifiers of contacts. */
  readonly renaming: RenamingHost;

  /**
   * Reports that connecting succeeded.
   *
   * @param selfIdentifier - The user's identifier; it need not be normalised.
   */
  connected(selfIdentifier: string): void;

  /** Reports that the user's identifier changed, such as a nickname. Ignored before `connected`. */
  selfIdentifierChanged(identifier: string): void;

  /**
   * Reports that connecting failed or the connection is lost. The protocol has released all resources before.
   *
   * @param reason - `Requested` only if the user ended the connection by other means than `disconnect`.
   */
  disconnected(reason: ConnectionStatusReason, failure?: ConnectionFailure): void;
}
