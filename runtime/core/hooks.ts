import type { DisconnectedError } from "./standard-errors.ts";

/** Where an error was thrown that nobody awaits. */
export type ErrorOrigin =
  | { readonly kind: "announcement"; readonly path: string; readonly interface: string }
  | {
      /**
       * A handler of a service, the hook that words refusals, or a listener to a signal; `sender` is the caller, or the bus
       * name that is listened to.
       */
      readonly kind: "handler" | "refusal" | "listener";
      readonly sender: string;
      readonly path: string;
      /** Absent where the caller gave none. */
      readonly interface?: string;
      readonly member: string;
    }
  | { readonly kind: "nameListener"; readonly name: string }
  | { readonly kind: "connectionHook" };

/** Is told of errors of this program that a peer must not see: bugs of handlers, property values and signal listeners. */
export type ErrorHook = (error: unknown, origin: ErrorOrigin) => void;

/** What happened to a connection that is made again when it is lost. */
export type ConnectionChange =
  | { readonly state: "disconnected"; readonly reason: DisconnectedError }
  /** Names, match rules and subscriptions are as before; what was signalled in between is missed. */
  | { readonly state: "reconnected"; readonly uniqueName: string };

/** Is told when the connection is lost, and when it is back. */
export type ConnectionHook = (change: ConnectionChange) => void;
