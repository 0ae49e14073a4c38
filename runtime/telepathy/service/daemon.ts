import type { Bus } from "@dbus-codegen-ts/runtime";
import { DBusClient } from "@dbus-codegen-ts/runtime/standard/clients/org.freedesktop.DBus";

/** Creates a client of the message bus itself (D-Bus specification, "Message Bus Messages"). */
export function createDaemonClient(bus: Bus): DBusClient {
  return new DBusClient(bus, { destination: "org.freedesktop.DBus", path: "/org/freedesktop/DBus" });
}
