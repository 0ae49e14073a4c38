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
