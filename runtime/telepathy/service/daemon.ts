import { type Bus, type CallOptions, Client, type InterfaceContract } from "@dbus-codegen-ts/runtime";

/** As much of the bus's own interface as is needed here. */
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

/** Calls the bus itself. */
export class DaemonClient extends Client<typeof Daemon, object, DaemonSignals> {
  constructor(bus: Bus) {
    super(Daemon, bus, { destination: Daemon.name, path: "/org/freedesktop/DBus" });
  }

  /** All names that have an owner, unique ones too. */
  listNames(call?: CallOptions): Promise<readonly string[]> {
    return this.$call(Daemon.methods.listNames, [], call);
  }

  /** All names for which the bus can start a service. */
  listActivatableNames(call?: CallOptions): Promise<readonly string[]> {
    return this.$call(Daemon.methods.listActivatableNames, [], call);
  }

  /** Whether somebody has a name. */
  nameHasOwner(name: string, call?: CallOptions): Promise<boolean> {
    return this.$call(Daemon.methods.nameHasOwner, [name], call);
  }
}
