import { backoffOf, type ReconnectOptions } from "./bus/backoff.ts";
import type { Reconnect } from "./bus/connection.ts";
import { type Dial, dialer } from "./bus/dial.ts";
import { MessageBus } from "./bus/message-bus.ts";
import type { Transport } from "./bus/transport.ts";
import type { ConnectionHook, ErrorHook } from "./hooks.ts";
import { checkLimits, type Limits } from "./service/call-limit.ts";
import type { RefuseHook } from "./service/refusal.ts";
import { ObjectServer, type ServedObject, type ServedSubtree } from "./service/server.ts";
import type { AnyService } from "./service/service.ts";
import type { FindServices, SubtreeOptions } from "./service/subtree.ts";
import type { Message } from "./wire/message.ts";

const DEFAULT_CONNECT_TIMEOUT = 10_000;

/** How to connect to a bus. */
export interface ConnectOptions {
  /**
   * `"session"`, the default: the bus in `DBUS_SESSION_BUS_ADDRESS`. `"system"`: the one in `DBUS_SYSTEM_BUS_ADDRESS`, or
   * the usual one. Otherwise a list of server addresses, such as `unix:path=/run/user/1000/bus`, tried in order.
   */
  readonly bus?: "session" | "system" | (string & {});
  /** Milliseconds for each address until the bus has answered: 10 000 by default. */
  readonly timeout?: number;
  /** Is told of errors of this program that a peer must not see. By default they are dropped; nothing is printed. */
  readonly onError?: ErrorHook;
  /**
   * Bytes that may wait to be sent, past what the kernel took: 64 MiB by default. Past it calls, signals and replies fail
   * with LimitsExceededError until the bus reads again; `bus.drained` tells when.
   */
  readonly maxQueuedBytes?: number;
  /** How much of the services of this program one caller may use. */
  readonly limits?: Limits;
  /**
   * Chooses the error that answers a call which reaches no handler: for an unknown object, interface or method, or types
   * that the method does not take. For services that stand in for others and refuse in their words. Where it throws, the
   * standard error is sent and `onError` told.
   */
  readonly refuse?: RefuseHook;
  /**
   * Connects again when the connection is lost, until `close()`: after a delay that doubles with each attempt. Names, match
   * rules, name watches, subscriptions and served objects come back; what was signalled in between is missed. Calls fail
   * with DisconnectedError at the loss, and at once until the connection is back. Off by default: the loss is the end.
   */
  readonly reconnect?: boolean | ReconnectOptions;
  /** With `reconnect`: is told when the connection is lost, and when it is back and everything is set up again. */
  readonly onConnection?: ConnectionHook;
}

/** A connection to a message bus, as `connect` makes it. */
export class Bus extends MessageBus {
  readonly #server: ObjectServer;

  /**
   * @param dial - Makes another transport, for `reconnect`.
   *
   * @internal
   */
  constructor(transport: Transport, options: ConnectOptions = {}, dial?: Dial) {
    const { onError = () => undefined, limits = {}, refuse } = options;
    const guarded = quiet(onError);
    const server = new ObjectServer(guarded, limits, refuse);
    const handlers = {
      onCall: (call: Message, bus: MessageBus) => server.handle(call, bus),
      onLost: () => server.lost(),
      onError: guarded,
    };
    super(transport, handlers, dial && reconnectOf(options, dial, guarded), options.maxQueuedBytes);
    this.#server = server;
  }

  /**
   * Serves interfaces at a path, beside those it has. Every object also has Introspectable, Properties and Peer of
   * `org.freedesktop.DBus`. A service may be served at several paths.
   *
   * @returns What ends serving them.
   * @throws InvalidValueError when the path is not valid; Error when the object has one of the interfaces already.
   */
  async serve(path: string, ...services: readonly AnyService[]): Promise<ServedObject> {
    return this.#server.serve(this, path, services);
  }

  /**
   * Gives the object at a path `org.freedesktop.DBus.ObjectManager`: clients get all objects served below it at once,
   * and are told when services are served or closed there. Objects that a subtree finds are not among them.
   *
   * @returns What ends it.
   * @throws InvalidValueError when the path is not valid; Error when the object has the interface already.
   */
  async serveObjectManager(path: string): Promise<ServedObject> {
    return this.#server.serveObjectManager(path);
  }

  /**
   * Serves the objects below a path that a function finds, so that any number of them costs nothing until called. What is
   * served with `serve` below the path comes before what is found.
   *
   * @param find - Asked for each call. What it throws is the answer, as with handlers.
   * @returns What ends it.
   * @throws InvalidValueError when the path is not valid; Error when the path has a subtree already.
   */
  async serveSubtree(path: string, find: FindServices, options: SubtreeOptions = {}): Promise<ServedSubtree> {
    return this.#server.serveSubtree(this, path, find, options);
  }
}

/**
 * Connects to a bus. The first connection is tried once, also with `reconnect`.
 *
 * @throws DisconnectedError that says why no address could be connected to; DBusError when the bus refuses the connection;
 * InvalidValueError for a limit that is none.
 */
export async function connect(options: ConnectOptions = {}): Promise<Bus> {
  checkLimits(options.limits ?? {});
  const dial = dialer(options.bus ?? "session", options.timeout ?? DEFAULT_CONNECT_TIMEOUT);
  return new Bus(await dial(), options, dial);
}

function reconnectOf(options: ConnectOptions, open: Dial, onError: ErrorHook): Reconnect | undefined {
  const { reconnect = false, onConnection } = options;
  if (reconnect === false) return undefined;
  const tell: ConnectionHook = (change) => {
    try {
      onConnection?.(change);
    } catch (error) {
      onError(error, { kind: "connectionHook" });
    }
  };
  return { ...backoffOf(reconnect === true ? {} : reconnect), open, onConnection: tell };
}

/** The hook, kept from throwing where nobody could catch it. */
function quiet(onError: ErrorHook): ErrorHook {
  return (error, origin) => {
    try {
      onError(error, origin);
    } catch {
      // There is nobody left to tell.
    }
  };
}
