import type { InterfaceContract } from "@dbus-codegen-ts/runtime";
import { Introspectable } from "@dbus-codegen-ts/runtime/standard/org.freedesktop.DBus.Introspectable";
import { ObjectManager } from "@dbus-codegen-ts/runtime/standard/org.freedesktop.DBus.ObjectManager";
import { Peer } from "@dbus-codegen-ts/runtime/standard/org.freedesktop.DBus.Peer";
import { Properties } from "@dbus-codegen-ts/runtime/standard/org.freedesktop.DBus.Properties";
import type { Interface } from "./ir.ts";

/** Contracts of the interfaces that every runtime serves itself, by name. */
export const STANDARD_CONTRACTS: ReadonlyMap<string, InterfaceContract> = new Map(
  [Peer, Introspectable, Properties, ObjectManager].map((contract) => [contract.name, contract]),
);

/** Returns whether every runtime serves the interface itself. */
export function isStandardInterface(name: string): boolean {
  return STANDARD_CONTRACTS.has(name);
}

/** Returns the first member of a standard interface that the D-Bus specification does not contain, if any. */
export function foreignMember({
  name,
  methods,
  signals,
  properties,
}: Interface): { readonly name: string } | undefined {
  const contract = STANDARD_CONTRACTS.get(name);
  const standardMethods = Object.values(contract?.methods ?? {}).map(
    ({ name, in: ins, out }) => `${name}(${typesOf(ins)})(${typesOf(out)})`,
  );
  const standardSignals = Object.values(contract?.signals ?? {}).map(({ name, args }) => `${name}(${typesOf(args)})`);
  const signatureOf = (args: readonly { readonly type: { readonly signature: string } }[]): string =>
    `(${args.map(({ type }) => type.signature).join("")})`;
  return (
    methods.find(
      (method) => !standardMethods.includes(`${method.name}${signatureOf(method.in)}${signatureOf(method.out)}`),
    ) ??
    signals.find((signal) => !standardSignals.includes(`${signal.name}${signatureOf(signal.args)}`)) ??
    properties[0]
  );
}

function typesOf(args: readonly { readonly type: string }[]): string {
  return args.map(({ type }) => type).join("");
}
