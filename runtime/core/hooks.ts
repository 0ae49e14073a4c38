import type { Incoming } from "./service/incoming.ts";

/** Where an error was thrown that nobody awaits. */
export type ErrorOrigin =
  | { readonly kind: "handler"; readonly incoming: Incoming }
  | { readonly kind: "announcement"; readonly path: string; readonly interface: string }
  | {
      readonly kind: "listener";
      readonly sender: string;
      readonly path: string;
      readonly interface: string;
      readonly member: string;
    };

/** Is told of errors of this program that a peer must not see: bugs of handlers, property values and signal listeners. */
export type ErrorHook = (error: unknown, origin: ErrorOrigin) => void;
