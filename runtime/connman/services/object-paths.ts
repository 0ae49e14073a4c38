import { isObjectPath, type ObjectPath } from "@dbus-codegen-ts/runtime";
import type { Bearer } from "../policy/service.ts";

/** Object path of `net.connman.Manager`. */
export const MANAGER_PATH = "/";

/** Parent of the object paths of all services. */
export const SERVICES_PATH = "/net/connman/service";

/** Parent of the object paths of all technologies. */
export const TECHNOLOGIES_PATH = "/net/connman/technology";

/**
 * Returns the object path of a service. A character of the id that is not allowed in a path becomes an underscore and
 * the hexadecimal code of its UTF-16 unit.
 */
export function servicePath(id: string): ObjectPath {
  const name = id.replaceAll(/[^0-9A-Za-z_]/g, (character) => `_${character.charCodeAt(0).toString(16)}`);
  return `${SERVICES_PATH}/${name || "_"}`;
}

/** Returns the object path of a technology, such as `/net/connman/technology/wifi`. */
export function technologyPath(bearer: Bearer): ObjectPath {
  return `${TECHNOLOGIES_PATH}/${bearer}`;
}

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
