import type { InterfaceContract } from "../contract.ts";
import { Properties } from "../standard/org.freedesktop.DBus.Properties.ts";
import { InvalidReplySignatureError } from "../standard-errors.ts";
import { type ArgumentsCodec, argumentsCodec, compileArguments } from "../wire/arguments-codec.ts";
import type { Codec } from "../wire/codec.ts";
import { codecOf } from "../wire/compile-codec.ts";
import { beginEntry, enterArray, entryCodec, leaveArray, mapCodec } from "../wire/container-codecs.ts";
import { InvalidValueError } from "../wire/errors.ts";
import { MAX_NAME_LENGTH } from "../wire/limits.ts";
import { bodyReader, decodeBody, type Message } from "../wire/message.ts";
import type { Reader } from "../wire/reader.ts";
import type { PropertyValues } from "./property-store.ts";

/** Signature of the body of PropertiesChanged. */
export const PROPERTIES_CHANGED_SIGNATURE = argumentsCodec(Properties.signals.propertiesChanged.args).signature;
/** Signature of the body of a reply to GetAll. */
const ALL_PROPERTIES_SIGNATURE = argumentsCodec(Properties.methods.getAll.out).signature;

/** The contents of a PropertiesChanged signal. Properties are given by their identifiers in TypeScript. */
export interface PropertyChanges {
  readonly changed: PropertyValues;
  readonly invalidated: readonly string[];
  /** Whether the type of at least one value differs from the contract, so that the value is missing. */
  readonly mistyped: boolean;
}

/** The decoded values of the declared properties, by identifier. */
class DecodedValues {
  readonly values = new Map<string, unknown>();
  mistyped = false;
}

const STRING = codecOf("s");
const STRINGS = codecOf("as");

/**
 * Decodes property values of one interface. Properties that the contract does not declare, or declares with another
 * type, are left out.
 */
export class PropertiesCodec {
  readonly #values: Codec;
  readonly #name: string;
  /** Codec of the reply to GetAll, which `readAll` reads. */
  readonly all: ArgumentsCodec;
  /** Codec of PropertiesChanged, which `readChanged` reads. */
  readonly changed: ArgumentsCodec;
  readonly #keys: ReadonlyMap<string, string>;

  /** Returns the codec of a contract, compiled once. */
  static of(contract: InterfaceContract): PropertiesCodec {
    const codec = codecs.get(contract) ?? new PropertiesCodec(contract);
    codecs.set(contract, codec);
    return codec;
  }

  private constructor(contract: InterfaceContract) {
    const properties = Object.entries(contract.properties ?? {});
    this.#keys = new Map(properties.map(([key, { name }]) => [name, key]));
    this.#values = valuesCodec(contract);
    this.#name = contract.name;
    this.all = compileArguments([["values", this.#values]]);
    this.changed = compileArguments([
      ["interface", STRING],
      ["changed", this.#values],
      ["invalidated", STRINGS],
    ]);
  }

  /** Decodes the reply to GetAll. Throws InvalidReplySignatureError, and the errors of `decodeBody`. */
  readAll(reply: Message): PropertyValues {
    if (reply.signature !== ALL_PROPERTIES_SIGNATURE) {
      throw new InvalidReplySignatureError(`GetAll of ${this.#name}`, ALL_PROPERTIES_SIGNATURE, reply.signature);
    }
    const [read] = decodeBody(reply, this.all);
    return valuesOf(read).values;
  }

  /** Decodes an `a{sv}` of values. */
  read(reader: Reader): PropertyValues {
    return valuesOf(this.#values.decode(reader)).values;
  }

  /**
   * Decodes the body of PropertiesChanged, whose signature must have been checked. Throws the errors of `decodeBody`.
   */
  readChanged(signal: Message): PropertyChanges {
    const [, changed, invalidated] = decodeBody(signal, this.changed);
    const names = Array.isArray(invalidated) ? invalidated : [];
    return {
      changed: valuesOf(changed).values,
      invalidated: names.flatMap((name) => this.#keys.get(String(name)) ?? []),
      mistyped: valuesOf(changed).mistyped,
    };
  }
}

const codecs = new WeakMap<InterfaceContract, PropertiesCodec>();

/** Returns the interface name in the body of PropertiesChanged, whose signature must have been checked. */
export function changedInterface(signal: Message): string {
  return bodyReader(signal).stringUpTo(MAX_NAME_LENGTH) ?? "";
}

/**
 * Returns a codec of `a{sa{sv}}` that decodes the property values of interfaces to a Map by interface name. Interfaces
 * without a contract are left out. The codec cannot encode.
 */
export function interfacesCodec(interfaces: ReadonlyMap<string, InterfaceContract>): Codec {
  const ignored = codecOf("a{sv}");
  const entry = entryCodec(STRING, ignored);
  return readOnly("a{sa{sv}}", (reader) => {
    const values = new Map<string, unknown>();
    const end = enterArray(reader, entry);
    while (reader.offset < end) {
      beginEntry(reader);
      const name = reader.string();
      const contract = interfaces.get(name);
      if (contract === undefined) ignored.decode(reader);
      else values.set(name, PropertiesCodec.of(contract).read(reader));
      reader.leave();
    }
    leaveArray(reader, entry, end);
    return values;
  });
}

/**
 * Returns a codec of `a{oa{sa{sv}}}` that decodes the objects of a manager to a Map by path. The codec cannot encode.
 */
export function objectsCodec(interfaces: Codec): Codec {
  return mapCodec(codecOf("o"), interfaces);
}

/** Returns a codec of `a{sv}` that decodes to DecodedValues. The codec cannot encode. */
function valuesCodec(contract: InterfaceContract): Codec {
  const properties = Object.entries(contract.properties ?? {});
  // Entries have numbers as identifiers, because an identifier could collide with `extra`.
  const entries = properties.map(([, { name, type, as }], index) => {
    return [`${index}`, as === undefined ? { key: name, type } : { key: name, type, as }] as const;
  });
  const dictionary = codecOf("a{sv}", { kind: "dictionary", entries: Object.fromEntries(entries) });
  return readOnly("a{sv}", (reader) => {
    const decoded = Object(dictionary.decode(reader));
    const extra = Object(Reflect.get(decoded, "extra"));
    const read = new DecodedValues();
    for (const [index, [key, { name }]] of properties.entries()) {
      if (Object.hasOwn(decoded, `${index}`)) read.values.set(key, Reflect.get(decoded, `${index}`));
      read.mistyped ||= Object.hasOwn(extra, name);
    }
    return read;
  });
}

function valuesOf(read: unknown): DecodedValues {
  return read instanceof DecodedValues ? read : new DecodedValues();
}

function readOnly(signature: string, decode: (reader: Reader) => unknown): Codec {
  const encode = (): never => {
    throw new InvalidValueError(`cannot encode ${signature}`);
  };
  return { signature, alignment: 4, fixed: false, encode, decode };
}
