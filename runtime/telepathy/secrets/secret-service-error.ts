import { DBusError, NameHasNoOwnerError, ServiceUnknownError } from "@dbus-codegen-ts/runtime";
import { IsLockedError } from "@dbus-codegen-ts/secret-service/org.freedesktop.Secret.Error";

/** A Secret Service that cannot be used now. The message states why, without secrets. */
export class SecretServiceError extends Error {}

/** A Secret Service that the user can unlock. */
export class LockedError extends SecretServiceError {}

/** Returns the error with which an operation of the Secret Service failed. */
export function asSecretServiceError(error: unknown): SecretServiceError {
  if (error instanceof SecretServiceError) return error;
  const isMissing = error instanceof NameHasNoOwnerError || error instanceof ServiceUnknownError;
  if (isMissing) return new SecretServiceError("no Secret Service is running");
  if (error instanceof IsLockedError) return new LockedError("the Secret Service is locked");
  // The text of the reply is that of another program, and could contain anything.
  const reason = error instanceof DBusError ? error.errorName : "it does not follow its specification";
  return new SecretServiceError(`the Secret Service failed: ${reason}`);
}
