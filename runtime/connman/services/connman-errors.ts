import { errorWarnings } from "@dbus-codegen-ts/runtime";
import {
  AlreadyConnectedError,
  AlreadyDisabledError,
  AlreadyEnabledError,
  AlreadyExistsError,
  FailedError,
  InProgressError,
  InvalidArgumentsError,
  InvalidPropertyError,
  InvalidServiceError,
  NotConnectedError,
  NotSupportedError,
  OperationAbortedError,
  OperationTimeoutError,
  PermissionDeniedError,
} from "@dbus-codegen-ts/stubs/net.connman.Error";

// ConnMan's errors, with ConnMan's texts.
export const invalidArguments = (): InvalidArgumentsError => new InvalidArgumentsError("Invalid arguments");
export const permissionDenied = (): PermissionDeniedError => new PermissionDeniedError("Permission denied");
export const invalidProperty = (): InvalidPropertyError => new InvalidPropertyError("Invalid property");
export const invalidService = (): InvalidServiceError => new InvalidServiceError("Invalid service");
export const notSupported = (): NotSupportedError => new NotSupportedError("Not supported");
export const alreadyConnected = (): AlreadyConnectedError => new AlreadyConnectedError("Already connected");
export const notConnected = (): NotConnectedError => new NotConnectedError("Not connected");
export const alreadyEnabled = (): AlreadyEnabledError => new AlreadyEnabledError("Already enabled");
export const alreadyDisabled = (): AlreadyDisabledError => new AlreadyDisabledError("Already disabled");
export const inProgress = (): InProgressError => new InProgressError("In progress");
export const operationAborted = (): OperationAbortedError => new OperationAbortedError("Operation aborted");
export const operationTimeout = (): OperationTimeoutError => new OperationTimeoutError("Operation timeout");
export const alreadyExists = (): AlreadyExistsError => new AlreadyExistsError("Already exists");

/** Returns the error for a call that the emergency call of another session prevents. */
export const busy = (): FailedError => new FailedError("Device or resource busy");

/** Returns the error for a call that the network refuses. */
export const failed = (reason: string): FailedError => new FailedError(reason);

/** Returns the error for a call that ends because the caller has left the bus or the service is closing. */
export const canceled = (): FailedError => new FailedError("Operation canceled");

/** Called with errors that no method call returns, and with the work during which they occurred. Must not throw. */
export type SessionErrorHook = (error: unknown, during: "update" | "routing" | "idle watch") => void;

/** Returns a hook that reports errors as warnings of the process. */
export function warnOfSessionErrors(): SessionErrorHook {
  const report = errorWarnings();
  return (error, during) => report(error, `${during} of the ConnMan session service`);
}
