import type { InterfaceContract, MethodContract, PropertyContract, SignalContract } from "../contract.ts";
import { type ArgumentsCodec, argumentsCodec, compileArguments } from "../wire/arguments-codec.ts";
import type { Codec } from "../wire/codec.ts";
import { codecOf } from "../wire/compile-codec.ts";
import { declaredVariantCodec } from "../wire/shape-codecs.ts";
import { type AuthorizedMember, privilege } from "./authorization.ts";

/** A method with its codecs. */
export interface MethodMember {
  /** Identifier in TypeScript. */
  readonly key: string;
  readonly contract: MethodContract;
  readonly in: ArgumentsCodec;
  readonly out: ArgumentsCodec;
  /** How `$authorize` sees it. */
  readonly access: AuthorizedMember;
}

/** A signal with its codec. */
export interface SignalMember {
  readonly key: string;
  readonly contract: SignalContract;
  readonly args: ArgumentsCodec;
}

/** A property with its codecs: its value as a body of one argument, and as a variant. */
export interface PropertyMember {
  readonly key: string;
  readonly contract: PropertyContract;
  readonly value: ArgumentsCodec;
  /** Encodes the value alone as a variant. */
  readonly variant: Codec;
  /** The same as a body of one argument. */
  readonly variantValue: ArgumentsCodec;
  /** How `$authorize` sees it. */
  readonly access: AuthorizedMember;
}

/** The members of a contract, compiled once and found by name on the wire or by identifier. */
export interface Members {
  /** By name on the wire; overloads share one. */
  readonly methods: ReadonlyMap<string, readonly MethodMember[]>;
  readonly properties: ReadonlyMap<string, PropertyMember>;
  /** By identifier. */
  readonly signalsByKey: ReadonlyMap<string, SignalMember>;
  readonly propertiesByKey: ReadonlyMap<string, PropertyMember>;
}

const known = new WeakMap<InterfaceContract, Members>();

/** The compiled members of a contract. Throws InvalidValueError when a type of it is not one. */
export function membersOf(contract: InterfaceContract): Members {
  let members = known.get(contract);
  if (members === undefined) {
    members = compile(contract);
    known.set(contract, members);
  }
  return members;
}

function compile(contract: InterfaceContract): Members {
  const methods = new Map<string, MethodMember[]>();
  for (const [key, method] of Object.entries(contract.methods ?? {})) {
    const overloads = methods.get(method.name) ?? [];
    overloads.push({
      key,
      contract: method,
      in: argumentsCodec(method.in),
      out: argumentsCodec(method.out),
      access: accessOf("method", key, method, contract),
    });
    methods.set(method.name, overloads);
  }
  const signals = Object.entries(contract.signals ?? {}).map(([key, signal]) => {
    return { key, contract: signal, args: argumentsCodec(signal.args) };
  });
  const properties = Object.entries(contract.properties ?? {}).map(([key, property]) => {
    const place = `property "${property.name}"`;
    const variant = declaredVariantCodec(codecOf, property);
    return {
      key,
      contract: property,
      value: compileArguments([[place, codecOf(property.type, property.as?.())]]),
      variant,
      variantValue: compileArguments([[place, variant]]),
      access: accessOf("property", key, property, contract),
    };
  });
  return {
    methods,
    properties: new Map(properties.map((property) => [property.contract.name, property])),
    signalsByKey: new Map(signals.map((signal) => [signal.key, signal])),
    propertiesByKey: new Map(properties.map((property) => [property.key, property])),
  };
}

function accessOf(
  kind: AuthorizedMember["kind"],
  key: string,
  { name, annotations }: MethodContract | PropertyContract,
  contract: InterfaceContract,
): AuthorizedMember {
  const privileged = privilege(annotations) ?? privilege(contract.annotations) ?? false;
  return { kind, key, name, privileged };
}
