import type { InterfaceContract, PropertyContract, SignalContract } from "../contract.ts";
import { type ArgumentsCodec, argumentsCodec, compileArguments } from "../wire/arguments-codec.ts";
import type { Codec } from "../wire/codec.ts";
import { codecOf } from "../wire/compile-codec.ts";
import { declaredVariantCodec } from "../wire/declared-codecs.ts";
import { Writer } from "../wire/writer.ts";
import type { AuthorizedMember } from "./authorization.ts";
import { authorizedMember } from "./methods.ts";

/** A signal with its codec. */
export interface SignalMember {
  readonly key: string;
  readonly contract: SignalContract;
  readonly args: ArgumentsCodec;
}

/** A property with its codecs. */
export interface PropertyMember {
  readonly key: string;
  readonly contract: PropertyContract;
  /** Codec of a body with the value as the only argument. */
  readonly value: ArgumentsCodec;
  /** Codec of the value in a variant. */
  readonly variant: Codec;
  /** Codec of a body with the variant as the only argument. */
  readonly variantValue: ArgumentsCodec;
  /** Codec of the arguments of Set: name of the interface, name of the property, value. */
  readonly setArguments: ArgumentsCodec;
  /** The property as argument of `$authorize`. */
  readonly authorized: AuthorizedMember;
}

/** The signals and properties of a contract with their codecs, by name on the wire or by identifier. */
export interface Members {
  /** Properties by name on the wire. */
  readonly properties: ReadonlyMap<string, PropertyMember>;
  readonly signalsByKey: ReadonlyMap<string, SignalMember>;
  readonly propertiesByKey: ReadonlyMap<string, PropertyMember>;
}

const STRING = /* @__PURE__ */ codecOf("s");
const membersByContract = new WeakMap<InterfaceContract, Members>();

/** Returns the signals and properties of a contract, compiled once. Throws InvalidValueError if a type in the contract is invalid. */
export function membersOf(contract: InterfaceContract): Members {
  let members = membersByContract.get(contract);
  if (members === undefined) {
    members = compileMembers(contract);
    membersByContract.set(contract, members);
  }
  return members;
}

function compileMembers(contract: InterfaceContract): Members {
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
      setArguments: compileArguments([
        ["interface", STRING],
        ["property", STRING],
        [place, variant],
      ]),
      authorized: authorizedMember("property", key, property, contract),
    };
  });
  return {
    properties: new Map(properties.map((property) => [property.contract.name, property])),
    signalsByKey: new Map(signals.map((signal) => [signal.key, signal])),
    propertiesByKey: new Map(properties.map((property) => [property.key, property])),
  };
}

let spareWriter: Writer | undefined = /* @__PURE__ */ new Writer();

/** Returns the encoded bytes of a body. All services use the memory of one writer. */
export function encodeBody(codec: ArgumentsCodec, values: readonly unknown[]): Uint8Array {
  // A getter of a value may call this function, so the writer is unavailable while it is in use.
  const writer = spareWriter ?? new Writer();
  spareWriter = undefined;
  try {
    codec.encode(writer, values);
    return writer.copyBytes();
  } finally {
    writer.reset();
    spareWriter = writer;
  }
}
