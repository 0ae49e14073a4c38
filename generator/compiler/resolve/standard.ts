import type { Interface } from "./ir.ts";

/** Members of the interfaces that every runtime serves itself, as `kind name signature`. */
const STANDARD: Readonly<Record<string, readonly string[]>> = {
  "org.freedesktop.DBus.Peer": ["method Ping()()", "method GetMachineId()(s)"],
  "org.freedesktop.DBus.Introspectable": ["method Introspect()(s)"],
  "org.freedesktop.DBus.Properties": [
    "method Get(ss)(v)",
    "method Set(ssv)()",
    "method GetAll(s)(a{sv})",
    "signal PropertiesChanged(sa{sv}as)",
  ],
  "org.freedesktop.DBus.ObjectManager": [
    "method GetManagedObjects()(a{oa{sa{sv}}})",
    "signal InterfacesAdded(oa{sa{sv}})",
    "signal InterfacesRemoved(oas)",
  ],
};

export function isStandardInterface(name: string): boolean {
  return Object.hasOwn(STANDARD, name);
}

/** The first member of a standard interface that the D-Bus specification does not have. */
export function foreignMember({
  name,
  methods,
  signals,
  properties,
}: Interface): { readonly name: string } | undefined {
  const known = STANDARD[name] ?? [];
  const text = (types: readonly { readonly type: { readonly signature: string } }[]): string =>
    `(${types.map(({ type }) => type.signature).join("")})`;
  return (
    methods.find((method) => !known.includes(`method ${method.name}${text(method.in)}${text(method.out)}`)) ??
    signals.find((signal) => !known.includes(`signal ${signal.name}${text(signal.args)}`)) ??
    properties[0]
  );
}
