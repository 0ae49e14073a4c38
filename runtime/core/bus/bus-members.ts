// Members of the bus that the runtime uses, with the signatures of their arguments. The generated contract has all
// members, which bundles of applications would contain.

/** Bus name, and interface, of the message bus itself. */
export const DAEMON = "org.freedesktop.DBus";
/** Object path of the message bus itself. */
export const DAEMON_PATH = "/org/freedesktop/DBus";

/** Signatures of the methods of the message bus that this runtime calls, by method name. */
export const METHODS = {
  Hello: { in: "", out: "s" },
  AddMatch: { in: "s", out: "" },
  RemoveMatch: { in: "s", out: "" },
  GetNameOwner: { in: "s", out: "s" },
  NameHasOwner: { in: "s", out: "b" },
  RequestName: { in: "su", out: "u" },
  ReleaseName: { in: "s", out: "u" },
  GetConnectionCredentials: { in: "s", out: "a{sv}" },
} as const;

/** Signatures of the signals of the message bus about names, by signal name. */
export const SIGNALS = { NameOwnerChanged: "sss", NameAcquired: "s", NameLost: "s" } as const;
