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
 * An instant-messaging protocol that a connection manager supports. Implementations do not depend on D-Bus. They
 * throw errors of `im.telepathy1.Error`, which are sent to the caller unchanged.
 */
export interface Protocol {
  /** Name of the protocol, such as `irc` or `local-xmpp`: ASCII letters, digits and hyphens, starting with a letter. */
  readonly name: string;
  /** English name for users, such as `IRC`; may be empty. */
  readonly englishName: string;
  /** Name of an icon, such as `im-irc`; may be empty. */
  readonly icon: string;
  /** vCard field for identifiers of the protocol, such as `x-irc`; may be empty. */
  readonly vCardField: string;
  /** All parameters that `open` supports. A request with other parameters is rejected. */
  readonly parameters: readonly ParameterSpec[];
  /** Canonical names of the optional interfaces of connections, in addition to Requests and Contacts. */
  readonly connectionInterfaces?: readonly string[];
  /** Whether an account can have several connections at the same time. False by default. */
  readonly permitsSeveralConnections?: boolean;
  /** Kinds of channels that clients can request of a connection. None by default. */
  readonly channels?: readonly RequestableChannels[];

  /**
   * Returns a text that identifies the account (Telepathy specification, Protocol.IdentifyAccount). Two sets of
   * parameters give the same text if and only if they identify the same account.
   *
   * @throws InvalidArgumentError if the parameters do not identify an account.
   */
  identifyAccount(parameters: ParameterValues): string;

  /**
   * Returns the normal form of a contact's identifier, as far as it can be determined without a server (Telepathy
   * specification, Protocol.NormalizeContact).
   *
   * @throws InvalidHandleError if the identifier is invalid.
   */
  normalizeContact(identifier: string): string;

  /**
   * Creates a connection. Nothing is sent over the network before its method `connect` is called.
   *
   * @param host - Receiver of the connection's events. The protocol must not call it before `connect`.
   * @throws InvalidArgumentError if the parameters contradict each other.
   */
  open(parameters: ParameterValues, host: ConnectionHost): ProtocolConnection;
}

/**
 * Implementation of one connection by the protocol. Used from `open` until it calls `host.disconnected`, or
 * `disconnect` is called.
 */
export interface ProtocolConnection {
  /** Supported types of handles: `Contact`, and `Room` if the protocol has rooms. */
  readonly handleTypes: readonly HandleType[];
  /** Tokens that `startReporting` supports. Interests in other tokens are ignored. */
  readonly interestTokens: readonly string[];
  /** Interfaces whose attributes `contactAttributes` returns. Those of `presence` and `aliases` are not among them. */
  readonly attributeInterfaces: readonly string[];
  /** Text messages. Without this property, the connection has no text channels. */
  readonly text?: TextProtocol;
  /** Rooms, which require `text`. Without this property, the connection has no channels with rooms. */
  readonly rooms?: RoomProtocol;
  /** Presences of the user and of contacts. Without this property, the connection does not support presence. */
  readonly presence?: PresenceProtocol;
  /** Aliases of the user and of contacts. Without this property, the connection does not support aliases. */
  readonly aliases?: AliasProtocol;
  /** Changes of identifiers. Without this property, identifiers cannot be changed. */
  readonly renaming?: RenamingProtocol;

  /**
   * Starts to connect; called once. The result is reported with `host.connected` or `host.disconnected`, before or
   * after this method returns.
   *
   * @throws DBusError if the connection cannot start to connect. The connection has ended then, and the caller
   * receives the error.
   */
  connect(): void;

  /**
   * Disconnects because the user requested it. Called at most once, and not after `host.disconnected`. Later calls
   * of the host are ignored.
   *
   * @returns A promise that settles when all resources are released. A rejection is treated as a resolution, and so
   * is a promise that does not settle within a few seconds.
   */
  disconnect(): Promise<void>;

  /**
   * Returns the normal form of an identifier. Two identifiers of a type refer to the same contact or room if and
   * only if their normal forms are equal. The normal form of a normal form is the same text. Called only after
   * `host.connected`; the result for an identifier must not change afterwards. So settings of the server that
   * affect it, such as the case mapping, must be known by then.
   *
   * @param type - One of `handleTypes`.
   * @throws InvalidHandleError if the identifier is invalid for the type.
   */
  normalize(type: HandleType, identifier: string): MaybePromise<string>;

  /**
   * Returns the current attributes of contacts, except `im.telepathy1.Connection/contact-id`.
   *
   * @param identifiers - Normalised identifiers.
   * @param interfaces - Interfaces whose attributes are requested, all of them in `attributeInterfaces`.
   * @returns For each identifier, in the same order, its attributes by full name: interface, slash, attribute.
   */
  contactAttributes(
    identifiers: readonly string[],
    interfaces: readonly string[],
  ): MaybePromise<readonly Readonly<Record<string, Variant>>[]>;

  /**
   * Starts the notifications of a token, because the first client is interested in it. Called only while the
   * connection is connected. If a client was interested earlier, called immediately after `host.connected`.
   */
  startReporting(token: string): void;

  /** Stops the notifications of a token, because no client is interested any more, or the connection has ended. */
  stopReporting(token: string): void;
}

/** Error that ended a connection (Telepathy specification, Connection.ConnectionError). */
export interface ConnectionFailure {
  /**
   * Name of the error, such as `im.telepathy1.Error.ConnectionRefused` or a name that the protocol defines. By
   * default, the error that corresponds to the reason.
   */
  readonly name?: string;
  /** Details of the error. They must not contain passwords or other secrets. */
  readonly details?: ConnectionErrorDetails;
}

/** Receiver of the events of a `ProtocolConnection`. All calls after `disconnected` or `disconnect` are ignored. */
export interface ConnectionHost {
  /** Receiver of received texts and failed deliveries. */
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
   * Reports that the connection is connected.
   *
   * @param selfIdentifier - The user's identifier; need not be normalised.
   */
  connected(selfIdentifier: string): void;

  /**
   * Reports that the user's identifier has changed. Ignored before `connected`.
   *
   * @param identifier - The new identifier; need not be normalised.
   */
  selfIdentifierChanged(identifier: string): void;

  /**
   * Reports that connecting has failed or the connection is lost. The protocol must have released all resources
   * before.
   *
   * @param reason - `Requested` only if the user ended the connection by other means than `disconnect`.
   * @param failure - The error; by default the one that corresponds to the reason.
   */
  disconnected(reason: ConnectionStatusReason, failure?: ConnectionFailure): void;
}
