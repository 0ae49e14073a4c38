import type { BusPort } from "../bus/port.ts";
import { type ErrorOrigin, guarded } from "../hooks.ts";
import type { RemoteInterface } from "./remote-interface.ts";

/** Returns a listener that passes thrown errors and rejections to the error hook, so that other listeners still run. */
export function withErrorHook<A extends readonly unknown[]>(
  bus: BusPort,
  origin: ErrorOrigin,
  listener: (...args: A) => void,
): (...args: A) => void {
  return guarded(listener, (error) => bus.onError(error, origin));
}

/** Returns the error origin of a listener to a member of a remote interface. */
export function listenerOrigin({ destination, path, contract }: RemoteInterface, member: string): ErrorOrigin {
  return { kind: "listener", sender: destination, path, interface: contract.name, member };
}
