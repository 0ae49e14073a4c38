import { type Bus, type CallOptions, Client, type InterfaceContract } from "@dbus-codegen-ts/runtime";

/** The used part of the interface `org.freedesktop.DBus`. */
const Daemon = {
  version: 2,
  name: "org.freedesktop.DBus",
  methods: {
    listNames: { name: "ListNames", in: [], out: [{ type: "as" }] },
    listActivatableNames: { name: "ListActivatableNames", in: [], out: [{ type: "as" }] },
    nameHasOwner: { name: "NameHasOwner", in: [{ name: "name", type: "s" }], out: [{ type: "b" }] },
  },
  signals: {
    nameOwnerChanged: {
      name: "NameOwnerChanged",
      args: [
        { name: "name", type: "s" },
        { name: "old_owner", type: "s" },
        { name: "new_owner", type: "s" },
      ],
    },
  },
  properties: {},
} as const satisfies InterfaceContract;

interface DaemonSignals {
  nameOwnerChanged: [name: string, oldOwner: string, newOwner: string];
}

/** Client of the message bus. */
export class DaemonClient extends Client<typeof Daemon, object, DaemonSignals> {
  constructor(bus: Bus) {
    super(Daemon, bus, { destination: Daemon.name, path: "/org/freedesktop/DBus" });
  }

  /** Returns all bus names that have an owner, including unique names. */
  listNames(call?: CallOptions): Promise<readonly string[]> {
    return this.$call(Daemon.methods.listNames, [], call);
  }

  /** Returns all bus names that the bus can activate. */
  listActivatableNames(call?: CallOptions): Promise<readonly string[]> {
    return this.$call(Daemon.methods.listActivatableNames, [], call);
  }

  /** Returns whether a bus name has an owner. */
  nameHasOwner(name: string, call?: CallOptions): Promise<boolean> {
    return this.$call(Daemon.methods.nameHasOwner, [name], call);
  }
}
