import { isObjectPath, type ObjectPath } from "@dbus-codegen-ts/runtime";

/** Object path of `net.connman.Manager`. */
export const MANAGER_PATH = "/";

/** Parent of the object paths of all sessions. */
export const SESSIONS_PATH = "/sessions";

/**
 * Returns the object path of a session, as ConnMan forms it: `/sessions/_1_7/app/n` for the client `:1.7` and the notifier
 * `/app/n`.
 *
 * @returns undefined if the result is not an object path, which is the case for the notifier `/` only.
 */
export function sessionPath(owner: string, notifier: ObjectPath): ObjectPath | undefined {
  const path = `${SESSIONS_PATH}/${owner.replaceAll(/[:.]/g, "_")}${notifier}`;
  return isObjectPath(path) ? path : undefined;
}
