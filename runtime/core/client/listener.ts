import type { BusPort } from "../bus/port.ts";
import type { ErrorOrigin } from "../hooks.ts";
import type { RemoteInterface } from "./remote-interface.ts";

/** The listener with what it throws, or rejects with, given to the error hook: others are called all the same. */
export function guarded<A extends readonly unknown[]>(
  bus: BusPort,
  origin: ErrorOrigin,
  listener: (...args: A) => void,
): (...args: A) => void {
  return (...args) => {
    try {
      const result: unknown = listener(...args);
      if (result instanceof Promise) result.catch((error: unknown) => bus.onError(error, origin));
    } catch (error) {
      bus.onError(error, origin);
    }
  };
}

/** Where a listener to a member of a remote object stands. */
export function listenerOrigin({ destination, path, contract }: RemoteInterface, member: string): ErrorOrigin {
  return { kind: "listener", sender: destination, path, interface: contract.name, member };
}
