import { busAddress, parseAddresses } from "./bus/address.ts";
import { openTransport } from "./bus/handshake.ts";
import { MessageBus } from "./bus/message-bus.ts";
import type { Transport } from "./bus/transport.ts";
import { DBusError } from "./errors.ts";
import type { ErrorHook } from "./hooks.ts";
import { ObjectServer, type ServedObject } from "./service/server.ts";
import type { AnyService } from "./service/service.ts";
import { DisconnectedError } from "./standard-errors.ts";

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
}

/** A connection to a message bus, as `connect` makes it. */
export class Bus extends MessageBus {
  readonly #server: ObjectServer;

  constructor(transport: Transport, onError: ErrorHook = () => undefined) {
    const guarded = quiet(onError);
    const server = new ObjectServer(guarded);
    super(transport, { onCall: (call, bus) => server.handle(call, bus), onError: guarded });
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
}

/**
 * Connects to a bus.
 *
 * @throws DisconnectedError that says why no address could be connected to; DBusError when the bus refuses the connection.
 */
export async function connect(options: ConnectOptions = {}): Promise<Bus> {
  const { bus = "session", timeout = DEFAULT_CONNECT_TIMEOUT, onError } = options;
  const faults: string[] = [];
  for (const address of addressesOf(bus)) {
    try {
      return new Bus(await openTransport(address, timeout), onError);
    } catch (error) {
      if (error instanceof DBusError) throw error;
      faults.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new DisconnectedError(`cannot connect to the ${bus} bus: ${faults.join("; ")}`);
}

function addressesOf(bus: string) {
  try {
    return parseAddresses(busAddress(bus, process.env));
  } catch (error) {
    throw new DisconnectedError(error instanceof Error ? error.message : String(error), { cause: error });
  }
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
