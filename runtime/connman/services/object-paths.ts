import { isObjectPath, type ObjectPath } from "@dbus-codegen-ts/runtime";

/** Where the manager is. */
export const MANAGER_PATH = "/";

/** Where the sessions are below. */
export const SESSIONS_PATH = "/sessions";

/**
 * Where the session of a client is: its unique name and the path of its notifier make it unique. Undefined where that
 * gives no object path, which is so for the notifier `/` alone.
 */
export function sessionPath(owner: string, notifier: ObjectPath): ObjectPath | undefined {
  const path = `${SESSIONS_PATH}/${owner.replaceAll(/[:.]/g, "_")}${notifier}`;
  return isObjectPath(path) ? path : undefined;
}
