import { DBusError, type MaybePromise } from "@dbus-codegen-ts/runtime";
import { deferred, withTimeout } from "@dbus-codegen-ts/runtime/async";
import type { Consumer, UsageCounts } from "@dbus-codegen-ts/runtime/usage";
import {
  type ConnectionStatus,
  ConnectionStatusReason,
  HandleType,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { DisconnectedError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import type { ParameterValues } from "../protocols/parameters.ts";
import type { ConnectionFailure, ConnectionHost, Protocol, ProtocolConnection } from "../protocols/protocol.ts";
import { type ChannelLimits, DEFAULT_CHANNEL_LIMITS, type HandleLimits, type InterestLimits } from "../quotas.ts";
import { ChannelTable } from "./channels/channel-table.ts";
import { CONTACT_CHANNELS, TextTraffic } from "./channels/text-traffic.ts";
import { ConnectionHandles } from "./connection-handles.ts";
import { ContactAttributesReader } from "./contact-attributes-reader.ts";
import { reasonForError } from "./disconnect-reasons.ts";
import { InterestCounts } from "./interest-counts.ts";
import { ContactInformation } from "./presence/contact-information.ts";
import type { RenameContext } from "./presence/rename-model.ts";
import { roomChannels } from "./rooms/room-channels.ts";
import { RoomOperations } from "./rooms/room-operations.ts";
import { RoomTable } from "./rooms/room-table.ts";
import { SelfHandle, type SelfHandleContext } from "./self-handle.ts";
import { type ConnectionPhase, type StatusListener, StatusMachine } from "./status-machine.ts";

/**
 * Receiver of the changes of a connection, in the order in which the D-Bus signals of the same names must be
 * emitted.
 */
export interface ConnectionListener extends StatusListener {
  /** @param identifier - Normalised identifier of the user, which the handle represents. */
  selfHandleChanged(handle: number, identifier: string): void;
  /** Called with an error of protocol code for which no caller waits. */
  protocolError(error: unknown): void;
}

/** Limits and timeouts of connections. */
export interface ConnectionOptions {
  readonly handles?: HandleLimits;
  readonly interests?: InterestLimits;
  /**
   * Milliseconds that a protocol has to disconnect: 5,000 by default. After that time the connection ends in any
   * case.
   */
  readonly closeTimeout?: number;
  /** Counts of the handles of all connections. By default handles are not counted. */
  readonly handleUsage?: UsageCounts;
  readonly channels?: ChannelLimits;
  /** Counts of the requested channels of all connections. By default channels are not counted. */
  readonly channelUsage?: UsageCounts;
}

const CLOSE_TIMEOUT_MS = 5000;

/** State and behaviour of one connection, independent of D-Bus. Calls the protocol and processes its events. */
export class ConnectionModel {
  /** Implementation of the connection by the protocol. */
  readonly protocol: ProtocolConnection;
  /** Interests of clients in the tokens that the protocol supports. */
  readonly interests: InterestCounts;
  readonly channels: ChannelTable;
  readonly texts: TextTraffic;
  readonly rooms: RoomTable;
  /** Operations of clients on rooms; undefined if the protocol has no rooms. */
  readonly roomOperations: RoomOperations | undefined;
  /** Presences, aliases and renames of the contacts and of the user. */
  readonly contacts: ContactInformation;
  readonly contactAttributes = new ContactAttributesReader(this);
  readonly #status: StatusMachine;
  readonly #handles: ConnectionHandles;
  readonly #listener: ConnectionListener;
  readonly #closeTimeout: number;
  readonly #self = new SelfHandle(this.#createSelfContext());
  readonly #ended = deferred<void>();

  /**
   * Creates a connection in the phase `new`.
   *
   * @throws InvalidArgumentError if the protocol rejects the parameters.
   */
  constructor(
    protocol: Protocol,
    parameters: ParameterValues,
    listener: ConnectionListener,
    options: ConnectionOptions = {},
  ) {
    const { handles, interests, closeTimeout = CLOSE_TIMEOUT_MS, handleUsage } = options;
    this.#listener = listener;
    this.#closeTimeout = closeTimeout;
    this.#status = new StatusMachine(listener, parameters.getBoolean("register"));
    this.rooms = new RoomTable(this, (error) => listener.protocolError(error));
    this.protocol = protocol.open(parameters, this.#createHost());
    this.#handles = new ConnectionHandles(
      this.protocol.handleTypes,
      (type, identifier) => this.protocol.normalize(type, identifier),
      handles,
      handleUsage,
    );
    void this.ended.then(() => this.#handles.close());
    this.contacts = new ContactInformation(this.protocol, this.#createContactContext());
    const interestListener = {
      interestStarted: (token: string) => this.#reportErrors(() => this.protocol.startReporting(token)),
      interestEnded: (token: string) => this.#reportErrors(() => this.protocol.stopReporting(token)),
    };
    this.interests = new InterestCounts(this.protocol.interestTokens, interestListener, interests);
    this.channels = new ChannelTable(this, { limits: options.channels, usage: options.channelUsage });
    this.texts = new TextTraffic({
      host: this,
      channels: this.channels,
      protocol: this.protocol.text,
      maxSentLength: options.channels?.maxSentLength ?? DEFAULT_CHANNEL_LIMITS.maxSentLength,
      nowMs: Date.now,
      onError: (error) => listener.protocolError(error),
    });
    if (this.protocol.text !== undefined) this.channels.addKind(CONTACT_CHANNELS);
    const { rooms } = this.protocol;
    this.roomOperations = rooms && new RoomOperations(this.rooms, this, rooms);
    if (rooms !== undefined) this.channels.addKind(roomChannels(this.rooms));
  }

  /**
   * Resolves when the connection is disconnected and the protocol has released its resources, or has not done so in
   * time. Never rejects.
   */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** Value of the D-Bus property Status. It is Disconnected before `connect`, too. */
  get status(): ConnectionStatus {
    return this.#status.status;
  }

  /** Progress of the connection. Unlike `status`, it distinguishes a new connection from one that has ended. */
  get phase(): ConnectionPhase {
    return this.#status.phase;
  }

  /** Handle of the user; 0 until the connection is connected. */
  get selfHandle(): number {
    return this.#self.handle;
  }

  /** Normalised identifier of the user; empty until the connection is connected. */
  get selfIdentifier(): string {
    return this.identifiersOf([this.selfHandle]).get(this.selfHandle) ?? "";
  }

  /**
   * Starts to connect; does nothing if the connection is not new. The result is reported to the listener.
   *
   * @throws The error of the protocol if it cannot start to connect. The listener is notified of the disconnection
   * first.
   */
  connect(): void {
    if (!this.#status.startConnecting()) return;
    try {
      this.protocol.connect();
    } catch (error) {
      this.#fail(error);
      throw error;
    }
  }

  /** Disconnects the connection. Resolves when the connection has ended; immediately if it had ended before. */
  disconnect(): Promise<void> {
    if (this.#setDisconnected(ConnectionStatusReason.Requested)) this.#shutDown();
    return this.ended;
  }

  /**
   * Returns the handles of identifiers, which need not be normalised. Creates the handles that do not exist. A
   * request that fails creates no handle.
   *
   * @param consumer - The client for which new handles are counted.
   * @throws DisconnectedError before any other check; NotImplementedError for an unsupported type;
   * InvalidHandleError for an invalid identifier; LimitsExceededError.
   */
  requestHandles(type: number, identifiers: readonly string[], consumer?: Consumer): MaybePromise<number[]> {
    this.requireConnected();
    const handles = this.#handles.request(type, identifiers, consumer);
    if (!(handles instanceof Promise)) return this.#watch(type, handles);
    return handles.then((settled) => {
      // The connection may have ended in the meantime.
      this.requireConnected();
      return this.#watch(type, settled);
    });
  }

  /**
   * Returns the normalised identifiers of handles, in the same order.
   *
   * @throws DisconnectedError before any other check; InvalidArgumentError for an unsupported type;
   * InvalidHandleError for an invalid handle; LimitsExceededError.
   */
  inspectHandles(type: number, handles: readonly number[]): string[] {
    this.requireConnected();
    return this.#handles.inspect(type, handles);
  }

  /** Returns the handle of a normalised identifier; undefined if the identifier has no handle. */
  lookupHandle(type: HandleType, identifier: string): number | undefined {
    return this.#handles.lookup(type, identifier);
  }

  /** Returns the normalised identifiers of contacts, by handle. Invalid handles are left out. */
  identifiersOf(handles: readonly number[]): ReadonlyMap<number, string> {
    return this.#handles.inspectValid(HandleType.Contact, handles);
  }

  /** Throws DisconnectedError unless the connection is connected. */
  requireConnected(): void {
    if (this.phase !== "connected") throw new DisconnectedError("the connection is not connected");
  }

  #createHost(): ConnectionHost {
    return {
      connected: (identifier) => this.#self.begin(identifier),
      selfIdentifierChanged: (identifier) => this.#self.change(identifier),
      disconnected: (reason, failure) => this.#onProtocolDisconnected(reason, failure),
      text: {
        messageReceived: (message) => this.texts.messageReceived(message),
        deliveryFailed: (failure) => this.texts.deliveryFailed(failure),
      },
      rooms: this.rooms,
      presence: { presencesChanged: (presences) => this.contacts.presence?.presencesChanged(presences) },
      aliases: { aliasesChanged: (aliases) => this.contacts.aliases?.aliasesChanged(aliases) },
      renaming: { contactRenamed: (...names) => this.contacts.renames?.contactRenamed(...names) },
    };
  }

  #createContactContext(): RenameContext {
    const model = this;
    return {
      get phase() {
        return model.phase;
      },
      get selfHandle() {
        return model.selfHandle;
      },
      lookup: (identifier) => this.#handles.lookup(HandleType.Contact, identifier),
      inspect: (handles) => this.inspectHandles(HandleType.Contact, handles),
      ensureHandle: (identifier) => this.#ensureContact(identifier),
      onError: (error) => this.#listener.protocolError(error),
    };
  }

  #createSelfContext(): SelfHandleContext {
    const model = this;
    return {
      get phase() {
        return model.phase;
      },
      ensureHandle: (identifier) => this.#ensureContact(identifier),
      changed: (before, after, phase) => this.#onSelfHandle(before, after, phase),
      failed: (error) => this.#fail(error),
    };
  }

  #ensureContact(identifier: string): MaybePromise<number> {
    const handles = this.#handles.request(HandleType.Contact, [identifier]);
    return handles instanceof Promise ? handles.then(([handle = 0]) => handle) : (handles[0] ?? 0);
  }

  /**
   * Reports the user's handle to the listener if it has changed. If the connection is connecting, it becomes
   * connected.
   */
  #onSelfHandle(before: number, after: number, phase: ConnectionPhase): void {
    if (after !== before) {
      this.#listener.selfHandleChanged(after, this.selfIdentifier);
      if (phase === "connected") this.contacts.selfHandleChanged(before, after, this.selfIdentifier);
      this.rooms.selfHandleChanged(before, after);
    }
    if (!this.#status.setConnected()) return;
    this.interests.activate();
    this.contacts.connected();
  }

  /** Starts to observe the presence of contacts that a client uses. Returns their handles. */
  #watch(type: number, handles: number[]): number[] {
    if (type === HandleType.Contact) this.contacts.watch(handles);
    return handles;
  }

  #onProtocolDisconnected(reason: ConnectionStatusReason, failure?: ConnectionFailure): void {
    if (this.phase === "new" || !this.#setDisconnected(reason, failure)) return;
    this.#closeParts();
    this.#ended.resolve();
  }

  /** Ends the connection because of an error in protocol code. */
  #fail(error: unknown): void {
    const name = error instanceof DBusError ? error.errorName : undefined;
    if (name === undefined) this.#listener.protocolError(error);
    const failure = name === undefined ? {} : { name, details: { debugMessage: errorText(error) } };
    if (this.#setDisconnected(notRequested(reasonForError(name ?? "")), failure)) this.#shutDown();
  }

  /** Reports the disconnection to clients. Returns false if the connection had ended before. */
  #setDisconnected(reason: ConnectionStatusReason, failure?: ConnectionFailure): boolean {
    if (this.phase === "connected") this.texts.failUnsent();
    return this.#status.setDisconnected(reason, failure);
  }

  #closeParts(): void {
    this.interests.close();
    this.channels.closeAll();
  }

  #shutDown(): void {
    this.#closeParts();
    const closed = async (): Promise<void> => this.protocol.disconnect();
    withTimeout(closed(), this.#closeTimeout)
      .catch((error: unknown) => this.#listener.protocolError(error))
      .finally(() => this.#ended.resolve());
  }

  #reportErrors(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#listener.protocolError(error);
    }
  }
}

/** Returns a reason other than Requested, because an error caused the disconnection, not the user. */
function notRequested(reason: ConnectionStatusReason): ConnectionStatusReason {
  return reason === ConnectionStatusReason.Requested ? ConnectionStatusReason.NoneSpecified : reason;
}

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
