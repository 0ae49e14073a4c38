import type { InterfaceContract, MethodContract, PropertyContract, SignalContract } from "../contract.ts";
import type { IntrospectedInterface } from "./read-introspection.ts";

/** The members of a contract by their name on the wire. */
export interface WireMembers {
  /** Contract of the signals and properties, in which each identifier is the name on the wire. It has no methods. */
  readonly contract: InterfaceContract;
  readonly methods: ReadonlyMap<string, readonly MethodContract[]>;
  readonly signals: ReadonlyMap<string, SignalContract>;
  readonly properties: ReadonlyMap<string, PropertyContract>;
}

const membersByContract = new WeakMap<InterfaceContract, WireMembers>();

/** Returns the members of a generated contract. */
export function membersOfContract(contract: InterfaceContract): WireMembers {
  const existing = membersByContract.get(contract);
  if (existing !== undefined) return existing;
  const methods = new Map<string, MethodContract[]>();
  for (const method of Object.values(contract.methods ?? {}))
    methods.set(method.name, [...(methods.get(method.name) ?? []), method]);
  const members = { methods, signals: byName(contract.signals), properties: byName(contract.properties) };
  const wire = wireMembers(contract.name, members, contract.errors);
  membersByContract.set(contract, wire);
  return wire;
}

/** Returns the members of an introspected interface. */
export function membersOfIntrospection(introspected: IntrospectedInterface): WireMembers {
  return wireMembers(introspected.name, introspected);
}

function wireMembers(
  name: string,
  { methods, signals, properties }: Omit<WireMembers, "contract">,
  errors: InterfaceContract["errors"] = [],
): WireMembers {
  const contract = {
    version: 2,
    name,
    signals: Object.fromEntries(signals),
    properties: Object.fromEntries(properties),
    errors,
  } as const;
  return { contract, methods, signals, properties };
}

function byName<M extends { readonly name: string }>(members: Readonly<Record<string, M>> = {}): Map<string, M> {
  return new Map(Object.values(members).map((member) => [member.name, member]));
}
