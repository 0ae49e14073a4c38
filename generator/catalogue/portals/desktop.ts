import { randomBytes } from "node:crypto";
import type { Bus, ObjectPath } from "@dbus-codegen-ts/runtime";

/** Bus name of the portals and the object path of all portals but Documents and FileTransfer. */
export const DESKTOP = {
  destination: "org.freedesktop.portal.Desktop",
  path: "/org/freedesktop/portal/desktop",
} as const;

/** Bus name and object path of Documents and FileTransfer. */
export const DOCUMENTS = {
  destination: "org.freedesktop.portal.Documents",
  path: "/org/freedesktop/portal/documents",
} as const;

/** Options of a portal call without the tokens, which this package adds. */
export type WithoutTokens<T> = Omit<T, "handleToken" | "sessionHandleToken">;

/** Returns a token for an object path, which other programs cannot guess. */
export function createToken(): string {
  return `dbus_codegen_${randomBytes(16).toString("hex")}`;
}

/** Returns the object path that the portals will use for a request or session of this connection with a given token. */
export function predictPath(bus: Bus, kind: "request" | "session", token: string): ObjectPath {
  return `${DESKTOP.path}/${kind}/${bus.uniqueName.slice(1).replaceAll(".", "_")}/${token}`;
}
