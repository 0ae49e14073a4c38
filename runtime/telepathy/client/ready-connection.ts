import {
  type Bus,
  type CallOptions,
  NoReplyError,
  ServiceUnknownError,
  type Target,
  UnknownMethodError,
  UnknownObjectError,
} from "@dbus-codegen-ts/runtime";
import { MAX_TIMER_MS } from "@dbus-codegen-ts/runtime/async";
import { ConnectionStatus, type Handle, type HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import type { ContactAttributesMap } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Contacts";
import { callInBatches } from "./batches.ts";
import type { ConnectionEndedError } from "./connection-end.ts";
import { ConnectionWatch } from "./connection-watch.ts";
import { type Interest, InterestRegistry } from "./interest-registry.ts";
import { type LiveContactListener, LiveContacts } from "./live-contacts.ts";
import { RemoteChats } from "./remote-chats.ts";
import { RemoteConnection } from "./remote-connection.ts";
import { RemoteNames } from "./remote-names.ts";
import { RemotePresence } from "./remote-presence.ts";

/** Options of `ReadyConnection.open`. */
export interface ReadyOptions {
  /** Whether Connect is called if the connection is not connecting or connected: true by default. */
  readonly connect?: boolean;
  /** Maximum time in milliseconds until the connection is connected: 60,000 by default, `Infinity` for no limit. */
  readonly timeout?: number;
  /** Signal that aborts the wait. The connection itself is not affected. */
  readonly signal?: AbortSignal;
}

const CONNECT_TIMEOUT_MS = 60_000;

/**
 * A remote connection that is connected when this object is created. After the connection has ended, calls reject
 * with ConnectionEndedError. Disposing of the object releases the interests of this program; the connection remains
 * connected.
 */
export class ReadyConnection implements AsyncDisposable {
  /** Bus name and object path of the connection. */
  readonly target: Target;
  /** Names of the optional interfaces in the dialect of the connection. They do not change while it is connected. */
  readonly interfaces: readonly string[];
  /** Resolves with the reason and error when the connection has ended. Never rejects. */
  readonly ended: Promise<ConnectionEndedError>;
  /** Presences of the user and of contacts. */
  readonly presence: RemotePresence;
  /** Aliases of contacts and of the user, and changes of identifiers. */
  readonly names: RemoteNames;
  /** Text channels of the connection. */
  readonly chats: RemoteChats;
  readonly #watch: ConnectionWatch;
  readonly #connection: RemoteConnection;
  readonly #interests: InterestRegistry;

  /**
   * Waits until a connection is connected, and reads its interfaces and self handle.
   *
   * @throws ConnectionEndedError if the connection ends before; NoReplyError after the timeout; the reason of the
   * abort signal; DBusError if the connection or the bus replies with an error.
   */
  static async open(bus: Bus, target: Target, options: ReadyOptions = {}): Promise<ReadyConnection> {
    const connection = new RemoteConnection(bus, target);
    const watch = new ConnectionWatch(connection);
    await watch.start();
    try {
      const connected = connect(connection, watch, options.connect ?? true);
      await waitForConnected(connected, options);
      const [interfaces] = await Promise.all([connection.interfaces(), watch.readSelfHandle()]);
      return new ReadyConnection(bus, connection, watch, interfaces);
    } catch (error) {
      await watch.close();
      throw watch.end ?? error;
    }
  }

  private constructor(bus: Bus, connection: RemoteConnection, watch: ConnectionWatch, interfaces: readonly string[]) {
    this.target = connection.target;
    this.interfaces = interfaces;
    this.ended = watch.ended;
    this.presence = new RemotePresence(bus, connection);
    this.names = new RemoteNames(bus, connection);
    this.chats = new RemoteChats(bus, connection.target, watch);
    this.#watch = watch;
    this.#connection = connection;
    this.#interests = new InterestRegistry(connection);
  }

  /** Handle of the user; changes when the user's identifier changes. */
  get selfHandle(): Handle {
    return this.#watch.selfHandle;
  }

  /** Whether the connection has not ended yet. */
  get isConnected(): boolean {
    return this.#watch.end === undefined;
  }

  /**
   * Requests the handles of identifiers, in batches of 1000. If the connection has no handle methods, the handles
   * of contacts are requested one by one.
   *
   * @returns One handle for each identifier, in the same order.
   * @throws ConnectionEndedError if the connection has ended; InvalidHandleError if an identifier is invalid;
   * NotImplementedError if the type is not supported; UnknownMethodError for rooms if the connection has no handle
   * methods.
   */
  handles(type: HandleType, identifiers: readonly string[], call?: CallOptions): Promise<Handle[]> {
    return this.#orEnd(callInBatches(identifiers, (batch) => this.#connection.requestHandles(type, batch, call)));
  }

  /**
   * Requests the normalised identifiers of handles, in batches of 1000.
   *
   * @returns One identifier for each handle, in the same order.
   * @throws ConnectionEndedError if the connection has ended; InvalidHandleError if a handle is invalid.
   */
  identifiers(type: HandleType, handles: readonly Handle[], call?: CallOptions): Promise<string[]> {
    return this.#orEnd(callInBatches(handles, (batch) => this.#connection.inspectHandles(type, batch, call)));
  }

  /**
   * Requests attributes of contacts. Invalid handles are left out of the result.
   *
   * @param interfaces - Canonical names of interfaces whose attributes are requested, in addition to those of
   * `im.telepathy1.Connection`. Attributes have their canonical names in every dialect.
   * @throws ConnectionEndedError if the connection has ended.
   */
  contacts(
    handles: readonly Handle[],
    interfaces: readonly string[] = [],
    call?: CallOptions,
  ): Promise<ContactAttributesMap> {
    return this.#orEnd(this.#connection.contactAttributes(handles, interfaces, call));
  }

  /** Registers an interest in a token, until the result or this connection object is disposed of. */
  addInterest(token: string): Promise<Interest> {
    return this.#interests.add(token);
  }

  /**
   * Returns contacts with their presences and aliases, which are kept up to date until the result is disposed of.
   * Until then, the connection has an interest in presences, so that it requests them from the server.
   *
   * @param handles - Contacts to start with; others can be added. `selfHandle` is the user.
   * @param onChange - Called for each contact that was read or has changed.
   */
  async liveContacts(handles: readonly Handle[], onChange?: LiveContactListener): Promise<LiveContacts> {
    const context = {
      connection: this.#connection,
      presence: this.presence,
      names: this.names,
      addInterest: (token: string) => this.addInterest(token),
    };
    return this.#orEnd(LiveContacts.open(context, handles, onChange));
  }

  /** Disconnects the connection, which affects all its clients. Does nothing if the connection has ended. */
  async disconnect(call?: CallOptions): Promise<void> {
    try {
      await this.#connection.disconnect(call);
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }

  /** Releases the interests of this program and removes all subscriptions. */
  async close(): Promise<void> {
    if (this.isConnected) await this.#interests.close();
    await this.#watch.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /**
   * Awaits a reply. If the call fails after the connection has ended, throws ConnectionEndedError instead of the
   * error of the call.
   */
  async #orEnd<T>(reply: Promise<T>): Promise<T> {
    try {
      return await reply;
    } catch (error) {
      throw this.#watch.end ?? error;
    }
  }
}

/** Calls Connect if necessary and permitted; resolves when the connection is connected. */
async function connect(connection: RemoteConnection, watch: ConnectionWatch, mayConnect: boolean): Promise<void> {
  const status = await watch.readStatus();
  if (status === ConnectionStatus.Disconnected && mayConnect) await connection.connect();
  await watch.connected();
}

async function waitForConnected(
  connected: Promise<void>,
  { timeout = CONNECT_TIMEOUT_MS, signal }: ReadyOptions,
): Promise<void> {
  let interrupt: (reason: unknown) => void = () => undefined;
  const interrupted = new Promise<never>((_, reject) => {
    interrupt = reject;
  });
  const onTimeout = (): void => interrupt(new NoReplyError(`the connection was not connected within ${timeout} ms`));
  const timer = timeout <= MAX_TIMER_MS ? setTimeout(onTimeout, timeout) : undefined;
  const onAbort = (): void => interrupt(signal?.reason);
  if (signal?.aborted) onAbort();
  signal?.addEventListener("abort", onAbort);
  // If the interruption is first, a later rejection of `connected` must count as handled.
  connected.catch(() => undefined);
  try {
    await Promise.race([connected, interrupted]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}

/** Returns whether an error means that the object or its bus name does not exist. */
function isGone(error: unknown): boolean {
  return [ServiceUnknownError, UnknownObjectError, UnknownMethodError].some(
    (errorClass) => error instanceof errorClass,
  );
}
