import type { InterfaceContract } from "@dbus-codegen-ts/runtime";
import { Introspectable } from "@dbus-codegen-ts/runtime/standard/org.freedesktop.DBus.Introspectable";
import { ObjectManager } from "@dbus-codegen-ts/runtime/standard/org.freedesktop.DBus.ObjectManager";
import { Peer } from "@dbus-codegen-ts/runtime/standard/org.freedesktop.DBus.Peer";
import { Properties } from "@dbus-codegen-ts/runtime/standard/org.freedesktop.DBus.Properties";
import type { Interface } from "./ir.ts";
import { signatureOf } from "./signature.ts";

/** Contracts of the interfaces that the runtime implements for every service, by name. */
export const STANDARD_CONTRACTS: ReadonlyMap<string, InterfaceContract> = new Map(
  [Peer, Introspectable, Properties, ObjectManager].map((contract) => [contract.name, contract]),
);

/** Returns whether the runtime implements an interface of this name. */
export function isStandardInterface(name: string): boolean {
  return STANDARD_CONTRACTS.has(name);
}

/** Returns the first member of a standard interface that the D-Bus specification does not define. */
export function firstNonstandardMember(iface: Interface): { readonly name: string } | undefined {
  const { methods = {}, signals = {} } = STANDARD_CONTRACTS.get(iface.name) ?? {};
  const standardMethods = Object.values(methods).map(
    (method) => `${method.name}(${typesOf(method.in)})(${typesOf(method.out)})`,
  );
  const standardSignals = Object.values(signals).map(({ name, args }) => `${name}(${typesOf(args)})`);
  return (
    iface.methods.find(
      (method) => !standardMethods.includes(`${method.name}(${signatureOf(method.in)})(${signatureOf(method.out)})`),
    ) ??
    iface.signals.find((signal) => !standardSignals.includes(`${signal.name}(${signatureOf(signal.args)})`)) ??
    iface.properties[0]
  );
}

function typesOf(args: readonly { readonly type: string }[]): string {
  return args.map(({ type }) => type).join("");
}
