import {
  AlreadyExistsError,
  FailedError,
  InvalidArgumentsError,
  PermissionDeniedError,
} from "@dbus-codegen-ts/stubs/net.connman.Error";

/** The errors of ConnMan, in its words. */
export const invalidArguments = (): InvalidArgumentsError => new InvalidArgumentsError("Invalid arguments");
export const permissionDenied = (): PermissionDeniedError => new PermissionDeniedError("Permission denied");
export const alreadyExists = (): AlreadyExistsError => new AlreadyExistsError("Already exists");

/** Another session makes an emergency call. */
export const busy = (): FailedError => new FailedError("Device or resource busy");

/** The caller has left, or the service ends. */
export const canceled = (): FailedError => new FailedError("Operation canceled");

/**
 * Is told of errors that no client hears of: of telling clients, of leading their traffic, of watching the network's
 * idleness.
 */
export type SessionErrorHook = (error: unknown, during: "update" | "routing" | "idle watch") => void;
