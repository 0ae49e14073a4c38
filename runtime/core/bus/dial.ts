import { MAX_TIMER_MS } from "../async.ts";
import { DBusError } from "../errors.ts";
import { DisconnectedError } from "../standard-errors.ts";
import { type AddressList, busAddress, parseAddresses } from "./address.ts";
import { openTransport } from "./handshake.ts";
import type { Transport } from "./transport.ts";

/**
 * Connects to a bus, at the first of its addresses where a server replies. Rejects when the signal aborts.
 *
 * @throws DisconnectedError that states why each address failed; DBusError if the bus refuses the connection.
 */
export type Dial = (signal?: AbortSignal) => Promise<Transport>;

/**
 * Parses the addresses of a bus and returns a function that connects to it, any number of times.
 *
 * @param timeout - Milliseconds for each address.
 * @throws DisconnectedError if no address can be used.
 */
export function dialer(bus: string, timeout: number): Dial {
  const { addresses, problems: unusable } = addressesOf(bus);
  if (addresses.length === 0) throw new DisconnectedError(unusable.join("; "));
  return async (signal) => {
    const problems = [...unusable];
    for (const address of addresses) {
      try {
        return await openTransport(address, Math.min(timeout, MAX_TIMER_MS), signal);
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof DBusError) throw error;
        problems.push(error instanceof Error ? error.message : String(error));
      }
    }
    throw new DisconnectedError(`cannot connect to the ${bus} bus: ${problems.join("; ")}`);
  };
}

function addressesOf(bus: string): AddressList {
  try {
    return parseAddresses(busAddress(bus, process.env));
  } catch (error) {
    throw new DisconnectedError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
