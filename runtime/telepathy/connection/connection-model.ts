import { DBusError, type MaybePromise } from "@dbus-codegen-ts/runtime";
import { deferred } from "@dbus-codegen-ts/runtime/async";
import {
  type ConnectionStatus,
  ConnectionStatusReason,
  HandleType,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import type { ContactAttributesMap } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Contacts";
import { DisconnectedError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import type {
  ConnectionFailure,
  ConnectionHost,
  ParameterValues,
  Protocol,
  ProtocolConnection,
} from "../protocols/protocol.ts";
import { ConnectionHandles } from "./connection-handles.ts";
import { reasonOfError } from "./disconnect-reasons.ts";
import type { HandleLimits } from "./handle-table.ts";
import { InOrder } from "./in-order.ts";
import { InterestCounts, type InterestLimits } from "./interest-counts.ts";
import { type StatusListener, StatusMachine } from "./status-machine.ts";
import { within } from "./within.ts";

/** What a connection has to announce, in this order. */
export interface ConnectionListener extends StatusListener {
  /** The user has another handle. */
  selfHandleChanged(handle: number): void;
  /** Protocol code has thrown where nobody could be answered. */
  protocolFailed(error: unknown): void;
}

/** What may be set about connections. */
export interface ConnectionOptions {
  readonly handles?: HandleLimits;
  readonly interests?: InterestLimits;
  /** Milliseconds that a protocol may take to disconnect: 5000 by default. Then the connection goes nevertheless. */
  readonly closeTimeout?: number;
}

const CLOSE_TIMEOUT = 5000;

/** One connection as it behaves, whoever asks and however: its status, handles and interests over its protocol. */
export class LiveConnection {
  readonly #status: StatusMachine;
  readonly #handles: ConnectionHandles;
  readonly #interests: InterestCounts;
  readonly #protocol: ProtocolConnection;
  readonly #listener: ConnectionListener;
  readonly #closeTimeout: number;
  readonly #selfChanges = new InOrder();
  #selfHandle = 0;
  readonly #ended = deferred<void>();

  /** @throws InvalidArgumentError when the protocol does not take the parameters. */
  constructor(
    protocol: Protocol,
    parameters: ParameterValues,
    listener: ConnectionListener,
    { handles, interests, closeTimeout = CLOSE_TIMEOUT }: ConnectionOptions = {},
  ) {
    this.#listener = listener;
    this.#closeTimeout = closeTimeout;
    this.#status = new StatusMachine(listener, parameters.flag("register"));
    this.#protocol = protocol.open(parameters, this.#host());
    this.#handles = new ConnectionHandles(
      this.#protocol.handleTypes,
      (type, identifier) => this.#protocol.normalize(type, identifier),
      handles,
    );
    const transitions = {
      interested: (token: string) => this.#guarded(() => this.#protocol.interested(token)),
      uninterested: (token: string) => this.#guarded(() => this.#protocol.uninterested(token)),
    };
    this.#interests = new InterestCounts(this.#protocol.interests, transitions, interests);
  }

  /** Resolves when the connection is over and its protocol has nothing open any more. Never rejects. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** The status as the bus knows it: disconnected also before `connect`. */
  get status(): ConnectionStatus {
    return this.#status.status;
  }

  /** How far the connection has come; unlike `status` it tells new and disconnected apart. */
  get phase(): StatusMachine["phase"] {
    return this.#status.phase;
  }

  /** Handle of the user; 0 until connected. */
  get selfHandle(): number {
    return this.#selfHandle;
  }

  /** Interfaces whose attributes `contactAttributes` gives, beside the identifier. */
  get attributeInterfaces(): readonly string[] {
    return this.#protocol.attributeInterfaces;
  }

  /** How many clients are interested in anything. */
  get interestedClients(): number {
    return this.#interests.clients;
  }

  /**
   * Begins to connect; does nothing where it has begun before.
   *
   * @throws What the protocol says when it cannot even begin, after the end of the connection was announced.
   */
  connect(): void {
    if (!this.#status.connecting()) return;
    try {
      this.#protocol.connect();
    } catch (error) {
      this.#fail(error);
      throw error;
    }
  }

  /** Ends the connection. Resolves when it has ended, also where it was over before. */
  disconnect(): Promise<void> {
    if (this.#status.disconnected(ConnectionStatusReason.Requested)) this.#shutDown();
    return this.ended;
  }

  /**
   * Handles for identifiers in any form: all, or on an error nothing has changed.
   *
   * @throws DisconnectedError before anything else is checked; NotImplementedError for a type without handles;
   * InvalidHandleError for an identifier that is not valid; LimitsExceededError.
   */
  requestHandles(type: number, identifiers: readonly string[]): MaybePromise<number[]> {
    this.#checkConnected();
    const handles = this.#handles.request(type, identifiers);
    if (!(handles instanceof Promise)) return handles;
    // The connection may have ended in the meantime.
    return handles.finally(() => this.#checkConnected());
  }

  /**
   * Identifiers of handles, in normal form.
   *
   * @throws DisconnectedError before anything else is checked; InvalidArgumentError for a type without handles;
   * InvalidHandleError.
   */
  inspectHandles(type: number, handles: readonly number[]): string[] {
    this.#checkConnected();
    return this.#handles.inspect(type, handles);
  }

  /**
   * What is known about contacts: their identifiers and attributes. Handles that are not valid are left out.
   *
   * @param interfaces - Those whose attributes are wanted; others than `attributeInterfaces` are ignored.
   * @throws DisconnectedError; LimitsExceededError.
   */
  async contactAttributes(handles: readonly number[], interfaces: readonly string[]): Promise<ContactAttributesMap> {
    this.#checkConnected();
    const known = this.#handles.known(HandleType.Contact, handles);
    const wanted = this.attributeInterfaces.filter((one) => interfaces.includes(one));
    const attributes = wanted.length === 0 ? [] : await this.#protocol.contactAttributes([...known.values()], wanted);
    this.#checkConnected();
    return new Map(
      [...known].map(([handle, contactId], index) => [handle, { contactId, extra: attributes[index] ?? {} }]),
    );
  }

  /** Counts interests of a client. Throws LimitsExceededError for too many or too long tokens. */
  addInterest(client: string, tokens: readonly string[]): void {
    this.#interests.add(client, tokens);
  }

  /** Takes interests of a client back. Throws LimitsExceededError for too many or too long tokens. */
  removeInterest(client: string, tokens: readonly string[]): void {
    this.#interests.remove(client, tokens);
  }

  /** A client has left the bus, and all its interests with it. */
  dropClient(client: string): void {
    this.#interests.drop(client);
  }

  /** The bus itself is gone, and all clients with it. */
  dropAllClients(): void {
    this.#interests.dropAll();
  }

  #host(): ConnectionHost {
    return {
      connected: (identifier) => {
        if (this.#status.phase === "connecting") this.#selfChanges.run(() => this.#become(identifier, "connecting"));
      },
      selfRenamed: (identifier) => this.#selfChanges.run(() => this.#become(identifier, "connected")),
      disconnected: (reason, fault) => this.#lost(reason, fault),
    };
  }

  /** Takes an identifier as the user's own, in the phase where that is possible. */
  #become(identifier: string, phase: "connecting" | "connected"): MaybePromise<void> {
    if (this.#status.phase !== phase) return undefined;
    try {
      const handles = this.#handles.request(HandleType.Contact, [identifier]);
      if (!(handles instanceof Promise)) return this.#became(handles, phase);
      return handles.then((settled) => this.#became(settled, phase)).catch((error: unknown) => this.#fail(error));
    } catch (error) {
      // A connection that cannot name its user is of no use.
      return this.#fail(error);
    }
  }

  #became([handle = 0]: readonly number[], phase: "connecting" | "connected"): void {
    if (this.#status.phase !== phase) return;
    if (handle !== this.#selfHandle) {
      this.#selfHandle = handle;
      this.#listener.selfHandleChanged(handle);
    }
    if (this.#status.connected()) this.#interests.activate();
  }

  /** The protocol has ended the connection by itself. */
  #lost(reason: ConnectionStatusReason, fault?: ConnectionFailure): void {
    if (this.#status.phase === "new" || !this.#status.disconnected(reason, fault)) return;
    this.#interests.close();
    this.#ended.resolve();
  }

  /** Protocol code has thrown in the middle of something. */
  #fail(error: unknown): void {
    const name = error instanceof DBusError ? error.errorName : undefined;
    if (name === undefined) this.#listener.protocolFailed(error);
    const reason = reasonOfError(name ?? "");
    const fault = name === undefined ? {} : { name, details: { debugMessage: errorText(error) } };
    const over = this.#status.disconnected(unrequested(reason), fault);
    if (over) this.#shutDown();
  }

  #shutDown(): void {
    this.#interests.close();
    const closed = async (): Promise<void> => this.#protocol.disconnect();
    within(this.#closeTimeout, closed())
      .catch((error: unknown) => this.#listener.protocolFailed(error))
      .finally(() => this.#ended.resolve());
  }

  #checkConnected(): void {
    if (this.#status.phase !== "connected") throw new DisconnectedError("the connection is not connected");
  }

  #guarded(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#listener.protocolFailed(error);
    }
  }
}

/** What nobody requested does not count as requested, even if the error says that it was cancelled. */
function unrequested(reason: ConnectionStatusReason): ConnectionStatusReason {
  return reason === ConnectionStatusReason.Requested ? ConnectionStatusReason.NoneSpecified : reason;
}

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
