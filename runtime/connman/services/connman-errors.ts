import {
  AlreadyExistsError,
  FailedError,
  InvalidArgumentsError,
  PermissionDeniedError,
} from "@dbus-codegen-ts/stubs/net.connman.Error";

// Errors of ConnMan with its texts.
export const invalidArguments = (): InvalidArgumentsError => new InvalidArgumentsError("Invalid arguments");
export const permissionDenied = (): PermissionDeniedError => new PermissionDeniedError("Permission denied");
export const alreadyExists = (): AlreadyExistsError => new AlreadyExistsError("Already exists");

/** Returns the error for a call that the emergency call of another session prevents. */
export const busy = (): FailedError => new FailedError("Device or resource busy");

/** Returns the error for a call that the network refuses. */
export const failed = (reason: string): FailedError => new FailedError(reason);

/** Returns the error for a call that ends because the caller has left the bus or the service is closing. */
export const canceled = (): FailedError => new FailedError("Operation canceled");

/** Called with errors that no method call returns, and with the work during which they occurred. Must not throw. */
export type SessionErrorHook = (error: unknown, during: "update" | "routing" | "idle watch") => void;
