import type { DisconnectedError } from "./standard-errors.ts";

/** The place where an error was thrown that no caller awaits. */
export type ErrorOrigin =
  | { readonly kind: "announcement"; readonly path: string; readonly interface: string }
  | {
      /**
       * A handler of a service, the `refuse` hook, or a listener to a signal. `sender` is the caller, or the bus name
       * that the listener listens to.
       */
      readonly kind: "handler" | "refusal" | "listener";
      readonly sender: string;
      readonly path: string;
      /** Absent if the call has no interface. */
      readonly interface?: string;
      readonly member: string;
    }
  | {
      /** A received message that could not be processed. It has no effect. `member` is absent for a reply. */
      readonly kind: "message";
      readonly sender: string;
      readonly member?: string;
    }
  /** A listener to `incoming.signal` that was called because the sender left the bus. */
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
  /** Names, match rules and subscriptions are restored; signals sent in between are missed. */
  | { readonly state: "reconnected"; readonly uniqueName: string };

/** Called when the connection is lost, and when it is restored. */
export type ConnectionHook = (change: ConnectionChange) => void;

/**
 * Returns a function that calls a function of the application and never throws.
 *
 * @param report - Called with what the function throws, or its promise rejects with. Must not throw.
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

/** Calls a function when a promise rejects. The promise need not have the `then` of its class. */
export function onRejection(promise: Promise<unknown>, report: (error: unknown) => void): void {
  Promise.prototype.then.call(promise, undefined, report);
}
