import { type Bus, Client } from "@dbus-codegen-ts/runtime";
import { DBus, type DBusProperties, type DBusSignals } from "@dbus-codegen-ts/runtime/standard/org.freedesktop.DBus";

/** Client of the message bus (D-Bus specification, "Message Bus Messages") with the methods that this package calls. */
export class DaemonClient extends Client<typeof DBus, DBusProperties, DBusSignals> {
  constructor(bus: Bus) {
    super(DBus, bus, { destination: DBus.name, path: "/org/freedesktop/DBus" });
  }

  /** Returns whether a bus name has an owner. */
  nameHasOwner(name: string): Promise<boolean> {
    return this.$call(DBus.methods.nameHasOwner, [name]);
  }

  /** Returns the unique name of the owner of a bus name. Rejects with NameHasNoOwnerError. */
  nameOwner(name: string): Promise<string> {
    return this.$call(DBus.methods.getNameOwner, [name]);
  }

  /** Starts the program that provides a bus name. Rejects with ServiceUnknownError if none is installed. */
  startService(name: string): Promise<number> {
    return this.$call(DBus.methods.startServiceByName, [name, 0]);
  }

  /**
   * Returns the id of the process that owns a bus name. Rejects with DBusError if the bus does not know the
   * process.
   */
  processId(name: string): Promise<number> {
    return this.$call(DBus.methods.getConnectionUnixProcessID, [name]);
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
