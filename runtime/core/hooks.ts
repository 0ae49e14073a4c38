import type { DisconnectedError } from "./standard-errors.ts";

/** The place where an error was thrown that no caller awaits. */
export type ErrorOrigin =
  | { readonly kind: "announcement"; readonly path: string; readonly interface: string }
  | {
      /**
       * A handler of a service, the `refuse` hook, or a listener to a signal. `sender` is the caller of the handler or
       * refused call, or the bus name of the signal's sender.
       */
      readonly kind: "handler" | "refusal" | "listener";
      readonly sender: string;
      readonly path: string;
      /** Absent if the call has no interface. */
      readonly interface?: string;
      readonly member: string;
    }
  | {
      /** A received message that could not be processed and has no effect. `member` is absent for a reply. */
      readonly kind: "message";
      readonly sender: string;
      readonly member?: string;
    }
  /** A listener to the AbortSignal `incoming.signal`, which was called because the sender left the bus. */
  | { readonly kind: "abortListener"; readonly sender: string }
  | { readonly kind: "nameListener"; readonly name: string }
  | { readonly kind: "connectionHook" };

/**
 * Called with errors of this program that must not be sent to peers: bugs of handlers, property values and listeners.
 */
export type ErrorHook = (error: unknown, origin: ErrorOrigin) => void;

/** A change of a connection that reconnects. */
export type ConnectionChange =
  | { readonly state: "disconnected"; readonly reason: DisconnectedError }
  /**
   * The connection is re-established. Names, match rules and subscriptions are restored. Signals that were sent in
   * between are lost.
   */
  | { readonly state: "reconnected"; readonly uniqueName: string };

/** Called when the connection is lost, and when it is restored. */
export type ConnectionHook = (change: ConnectionChange) => void;

/**
 * Returns a function that calls a function of the application and never throws.
 *
 * @param report - Called with the error that the function throws, or with which its promise rejects. Must not throw.
 */
export function guarded<A extends readonly unknown[]>(
  call: (...args: A) => unknown,
  report: (error: unknown) => void,
): (...args: A) => void {
  return (...args) => {
    try {
      const result = call(...args);
      if (result instanceof Promise) onRejection(result, report);
    } catch (error) {
      report(error);
    }
  };
}

/** Calls a function when a promise rejects. Does not use the promise's own `then`, which can be any function. */
export function onRejection(promise: Promise<unknown>, report: (error: unknown) => void): void {
  Promise.prototype.then.call(promise, undefined, report);
}
