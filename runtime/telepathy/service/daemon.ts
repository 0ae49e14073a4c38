import { type Bus, Client } from "@dbus-codegen-ts/runtime";
import { DBus, type DBusProperties, type DBusSignals } from "@dbus-codegen-ts/runtime/standard/org.freedesktop.DBus";

/** Client of the message bus itself (D-Bus specification, "Message Bus Messages"), with the methods that this package calls. */
export class DaemonClient extends Client<typeof DBus, DBusProperties, DBusSignals> {
  constructor(bus: Bus) {
    super(DBus, bus, { destination: DBus.name, path: "/org/freedesktop/DBus" });
  }

  /** Returns whether a bus name has an owner. */
  nameHasOwner(name: string): Promise<boolean> {
    return this.$call(DBus.methods.nameHasOwner, [name]);
  }

  /** Returns all bus names that have an owner. */
  listNames(): Promise<readonly string[]> {
    return this.$call(DBus.methods.listNames, []);
  }

  /** Returns all bus names for which a service can be started. */
  listActivatableNames(): Promise<readonly string[]> {
    return this.$call(DBus.methods.listActivatableNames, []);
  }
}
