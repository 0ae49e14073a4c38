import { DBusError, NameHasNoOwnerError, ServiceUnknownError } from "@dbus-codegen-ts/runtime";
import { IsLockedError } from "@dbus-codegen-ts/secret-service/org.freedesktop.Secret.Error";

/** Error of a Secret Service that cannot be used. The message states the reason, without secrets. */
export class SecretServiceError extends Error {}

/** Error of a Secret Service that is locked, so that the user can unlock it. */
export class LockedError extends SecretServiceError {}

/** Converts an error of a call to the Secret Service to a SecretServiceError. */
export function asSecretServiceError(error: unknown): SecretServiceError {
  if (error instanceof SecretServiceError) return error;
  const isMissing = error instanceof NameHasNoOwnerError || error instanceof ServiceUnknownError;
  if (isMissing) return new SecretServiceError("no Secret Service is running");
  if (error instanceof IsLockedError) return new LockedError("the Secret Service is locked");
  // The message of the error is from another program and could contain anything, so it is not used.
  const reason = error instanceof DBusError ? error.errorName : "it does not follow its specification";
  return new SecretServiceError(`the Secret Service failed: ${reason}`);
}
