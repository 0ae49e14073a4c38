import {
  type Bus,
  type CallOptions,
  NoReplyError,
  ServiceUnknownError,
  type Target,
  UnknownMethodError,
  UnknownObjectError,
} from "@dbus-codegen-ts/runtime";
import {
  ConnectionClient,
  ConnectionStatus,
  type Handle,
  type HandleType,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import {
  type ContactAttributesMap,
  ContactsClient,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Contacts";
import { inBatches } from "./batches.ts";
import type { ConnectionEndedError } from "./connection-end.ts";
import { ConnectionWatch } from "./connection-watch.ts";
import { type Interest, Interests } from "./interest-registry.ts";

/** How a connection is waited for. */
export interface ReadyOptions {
  /** Whether to call Connect where nobody has: true by default. */
  readonly connect?: boolean;
  /** Milliseconds until it has to be connected: 60 000 by default, `Infinity` for no limit. */
  readonly timeout?: number;
  /** Gives up waiting. The connection itself stays as it is. */
  readonly signal?: AbortSignal;
}

const TIMEOUT = 60_000;

/**
 * A connection of somebody else's, once it is connected: what is known about it is at hand, and its end is one error.
 * Disposing of it takes back the interests of this program and leaves the connection as it is.
 */
export class ReadyConnection implements AsyncDisposable {
  /** Calls the connection itself. */
  readonly client: ConnectionClient;
  /** Optional interfaces; they do not change any more. */
  readonly interfaces: readonly string[];
  /** Resolves when the connection has ended, with the reason and all that is known about it. Never rejects. */
  readonly ended: Promise<ConnectionEndedError>;
  readonly #watch: ConnectionWatch;
  readonly #contacts: ContactsClient;
  readonly #interests: Interests;

  /**
   * Waits until a connection is connected, and reads what there is to know about it.
   *
   * @throws ConnectionEndedError when it ends before; NoReplyError after the timeout; the signal's reason; DBusError as
   * it, or the bus, answers.
   */
  static async open(bus: Bus, target: Target, options: ReadyOptions = {}): Promise<ReadyConnection> {
    const client = new ConnectionClient(bus, target);
    const watch = new ConnectionWatch(client);
    await watch.start(bus, target.destination);
    try {
      const connected = connect(client, watch, options.connect ?? true);
      await interruptible(connected, options);
      const [interfaces] = await Promise.all([client.properties.interfaces.get(), watch.readSelfHandle()]);
      return new ReadyConnection(bus, target, client, watch, interfaces);
    } catch (error) {
      await watch.close();
      throw watch.end ?? error;
    }
  }

  private constructor(
    bus: Bus,
    target: Target,
    client: ConnectionClient,
    watch: ConnectionWatch,
    interfaces: readonly string[],
  ) {
    this.client = client;
    this.interfaces = interfaces;
    this.ended = watch.ended;
    this.#watch = watch;
    this.#contacts = new ContactsClient(bus, target);
    this.#interests = new Interests(client);
  }

  /** Handle of the user. */
  get selfHandle(): Handle {
    return this.#watch.selfHandle;
  }

  /** Whether the connection is still connected. */
  get isConnected(): boolean {
    return this.#watch.end === undefined;
  }

  /**
   * Handles of identifiers, in batches: each at the position of its identifier. When one identifier is not valid no
   * handles are given.
   *
   * @throws ConnectionEndedError when the connection has ended; InvalidHandleError; NotImplementedError.
   */
  handles(type: HandleType, identifiers: readonly string[], call?: CallOptions): Promise<Handle[]> {
    return this.#ask(inBatches(identifiers, (batch) => this.client.requestHandles(type, batch, call)));
  }

  /**
   * Identifiers of handles, in normal form and in batches: each at the position of its handle.
   *
   * @throws ConnectionEndedError when the connection has ended; InvalidHandleError.
   */
  identifiers(type: HandleType, handles: readonly Handle[], call?: CallOptions): Promise<string[]> {
    return this.#ask(inBatches(handles, (batch) => this.client.inspectHandles(type, batch, call)));
  }

  /**
   * What is known about contacts; handles that are not valid are left out.
   *
   * @param interfaces - Those whose attributes are wanted.
   * @throws ConnectionEndedError when the connection has ended.
   */
  contacts(
    handles: readonly Handle[],
    interfaces: readonly string[] = [],
    call?: CallOptions,
  ): Promise<ContactAttributesMap> {
    return this.#ask(this.#contacts.getContactAttributes(handles, interfaces, call));
  }

  /** Registers an interest in notifications, which ends when it or the connection here is disposed of. */
  interest(token: string): Promise<Interest> {
    return this.#interests.add(token);
  }

  /** Ends the connection for everybody; does nothing where it has ended. */
  async disconnect(call?: CallOptions): Promise<void> {
    try {
      await this.client.disconnect(call);
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }

  /** Takes back the interests of this program and stops listening. */
  async close(): Promise<void> {
    if (this.isConnected) await this.#interests.close();
    await this.#watch.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** A call that fails because the connection has ended fails with how it has ended. */
  async #ask<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      throw this.#watch.end ?? error;
    }
  }
}

async function connect(client: ConnectionClient, watch: ConnectionWatch, mayConnect: boolean): Promise<void> {
  const status = await watch.readStatus();
  if (status === ConnectionStatus.Disconnected && mayConnect) await client.connect();
  await watch.connected();
}

async function interruptible(connected: Promise<void>, { timeout = TIMEOUT, signal }: ReadyOptions): Promise<void> {
  let interrupt: (reason: unknown) => void = () => undefined;
  const interrupted = new Promise<never>((_, reject) => {
    interrupt = reject;
  });
  const late = (): void => interrupt(new NoReplyError(`the connection was not connected within ${timeout} ms`));
  const timer = timeout < 2 ** 31 ? setTimeout(late, timeout) : undefined;
  const onAbort = (): void => interrupt(signal?.reason);
  if (signal?.aborted) onAbort();
  signal?.addEventListener("abort", onAbort);
  connected.catch(() => undefined);
  try {
    await Promise.race([connected, interrupted]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}

/** Whether an error says that the object or its owner is not there. */
function isGone(error: unknown): boolean {
  return [ServiceUnknownError, UnknownObjectError, UnknownMethodError].some((gone) => error instanceof gone);
}
