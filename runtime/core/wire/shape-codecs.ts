import type { DictionaryShape, FieldShape, Shape, StructShape } from "../contract.ts";
import { Variant } from "../values.ts";
import type { Codec, Steps } from "./codec.ts";
import {
  asPlainObject,
  beginArray,
  beginEntry,
  encodeEntry,
  endArray,
  enterArray,
  entryCodec,
  leaveArray,
} from "./container-codecs.ts";
import { addLocation, describeValue, InvalidValueError } from "./errors.ts";
import { keysInOrder, rememberedKeyOrder, rememberKeyOrder } from "./key-order.ts";
import type { Reader } from "./reader.ts";
import { decodeVariantContent, variantContentInSteps } from "./variant-codec.ts";
import type { Writer } from "./writer.ts";

/** Compiles one complete type with an optional shape. */
export type CompileCodec = (signature: string, shape?: Shape) => Codec;

const compileMember = (compile: CompileCodec, member: FieldShape): Codec => compile(member.type, member.as?.());

/** Returns the codec of a struct with named fields: an object. */
export function structCodec(shape: StructShape, compile: CompileCodec): Codec {
  const fields = Object.entries(shape.fields).map(([name, field]) => ({ name, codec: compileMember(compile, field) }));
  return {
    signature: `(${fields.map(({ codec }) => codec.signature).join("")})`,
    alignment: 8,
    fixed: false,
    encode(writer, value) {
      if (typeof value !== "object" || value === null)
        throw new InvalidValueError(`expected an object, got ${describeValue(value)}`);
      writer.align(8);
      writer.enter();
      for (const { name, codec } of fields) {
        try {
          codec.encode(writer, Reflect.get(value, name));
        } catch (error) {
          throw addLocation(`.${name}`, error);
        }
      }
      writer.leave();
    },
    decode(reader) {
      reader.align(8);
      reader.enter();
      const value: Record<string, unknown> = {};
      for (const { name, codec } of fields) value[name] = codec.decode(reader);
      reader.leave();
      return value;
    },
    ...(fields.some(({ codec }) => codec.decodeInSteps !== undefined) && {
      decodeInSteps: (reader: Reader) => structInSteps(reader, fields),
    }),
  };
}

function* structInSteps(
  reader: Reader,
  fields: readonly { readonly name: string; readonly codec: Codec }[],
): Steps<Record<string, unknown>> {
  reader.align(8);
  reader.enter();
  const value: Record<string, unknown> = {};
  for (const { name, codec } of fields) {
    const steps = codec.decodeInSteps?.(reader);
    value[name] = steps === undefined ? codec.decode(reader) : yield* steps;
  }
  reader.leave();
  return value;
}

/**
 * Returns the codec of a dictionary `a{sv}` with declared keys: an object of optional members; other keys are in
 * `extra`. Members are encoded in the order of the shape, then `extra`; a decoded dictionary is encoded in the order of
 * the wire. A declared key may be in `extra` with a value of another type, but not together with its member.
 */
export function dictionaryCodec(shape: DictionaryShape, compile: CompileCodec): Codec {
  const key = compile("s");
  const variant = compile("v");
  const entry = entryCodec(key, variant);
  const entries = declaredEntries(shape, compile);
  const { byKey } = entries;

  function encodeMember(writer: Writer, { key: wireKey, value: codec }: DeclaredEntry, member: unknown): void {
    if (member !== undefined) encodeEntry(writer, key, codec, wireKey, member);
  }

  function encodeExtra(
    writer: Writer,
    object: Record<string, unknown>,
    extra: Readonly<Record<string, unknown>>,
  ): void {
    for (const name of keysInOrder(extra)) encodeExtraEntry(writer, object, name, extra[name]);
  }

  function encodeExtraEntry(writer: Writer, object: Record<string, unknown>, name: string, value: unknown): void {
    if (value === undefined) return;
    const declared = byKey.get(name);
    if (declared !== undefined && ownValue(object, declared.name) !== undefined) {
      throw new InvalidValueError(`the key ${describeValue(name)} is in extra although ${declared.name} has a value`);
    }
    encodeEntry(writer, key, variant, name, value);
  }

  /** Encodes a decoded dictionary in the order of the wire. Keys that were added after decoding follow. */
  function encodeInOrder(writer: Writer, object: Record<string, unknown>, order: readonly string[]): void {
    const extra = extraOf(object);
    for (const wireKey of new Set([...order, ...byKey.keys(), ...keysInOrder(extra)])) {
      const declared = byKey.get(wireKey);
      if (declared !== undefined) encodeMember(writer, declared, ownValue(object, declared.name));
      encodeExtraEntry(writer, object, wireKey, ownValue(extra, wireKey));
    }
  }

  return {
    signature: "a{sv}",
    alignment: 4,
    fixed: false,
    encode(writer, value) {
      const object = asPlainObject(value);
      const lengthAt = beginArray(writer, entry);
      const order = rememberedKeyOrder(object);
      if (order !== undefined) encodeInOrder(writer, object, order);
      else {
        for (const declared of byKey.values()) encodeMember(writer, declared, ownValue(object, declared.name));
        if (object["extra"] !== undefined) encodeExtra(writer, object, extraOf(object));
      }
      endArray(writer, entry, lengthAt);
    },
    decode(reader) {
      const decoded = new DecodedDictionary(entries);
      const end = enterArray(reader, entry);
      while (reader.offset < end) {
        beginEntry(reader);
        const name = reader.cachedString();
        decoded.add(name, (byKey.get(name)?.value ?? variant).decode(reader));
        reader.leave();
      }
      leaveArray(reader, entry, end);
      return decoded.finish();
    },
    decodeInSteps(reader) {
      return reader.isLongArrayNext ? dictionaryInSteps(reader, entry, variant, entries) : undefined;
    },
  };
}

function* dictionaryInSteps(
  reader: Reader,
  entry: Codec,
  variant: Codec,
  entries: DeclaredEntries,
): Steps<Record<string, unknown>> {
  const decoded = new DecodedDictionary(entries);
  const end = enterArray(reader, entry);
  while (reader.offset < end) {
    beginEntry(reader);
    const name = reader.cachedString();
    const codec = entries.byKey.get(name)?.value ?? variant;
    const steps = codec.decodeInSteps?.(reader);
    decoded.add(name, steps === undefined ? codec.decode(reader) : yield* steps);
    reader.leave();
    if (reader.shouldPause()) yield;
  }
  leaveArray(reader, entry, end);
  return decoded.finish();
}

function declaredEntries(shape: DictionaryShape, compile: CompileCodec): DeclaredEntries {
  const entries = Object.entries(shape.entries).map(([name, member], index) => {
    return { name, key: member.key, index, value: declaredVariantCodec(compile, member) };
  });
  return {
    byKey: new Map(entries.map((declared) => [declared.key, declared])),
    byName: new Map(entries.map((declared) => [declared.name, declared])),
  };
}

interface DeclaredEntries {
  readonly byKey: ReadonlyMap<string, DeclaredEntry>;
  readonly byName: ReadonlyMap<string, DeclaredEntry>;
}

interface DeclaredEntry {
  /** Identifier of the member. */
  readonly name: string;
  /** Key on the wire. */
  readonly key: string;
  /** Position in the shape. */
  readonly index: number;
  readonly value: Codec;
}

/** A dictionary with declared keys that is being decoded. The last value of a repeated key is used. */
class DecodedDictionary {
  readonly #entries: DeclaredEntries;
  readonly #value: Record<string, unknown> = {};
  #extra: Record<string, unknown> | undefined;
  /** All keys so far, if one is in `extra`. */
  #order: string[] | undefined;
  #lastIndex = -1;
  /** Whether the members are in another order than in the shape. */
  #isReordered = false;

  constructor(entries: DeclaredEntries) {
    this.#entries = entries;
  }

  add(key: string, value: unknown): void {
    const declared = this.#entries.byKey.get(key);
    if (declared === undefined || value instanceof UndeclaredVariant) {
      const extra = this.#extra ?? this.#addExtra();
      extra[key] = value instanceof UndeclaredVariant ? value.variant : value;
      if (declared !== undefined) delete this.#value[declared.name];
    } else {
      if (declared.index < this.#lastIndex) this.#isReordered = true;
      this.#lastIndex = declared.index;
      this.#value[declared.name] = value;
      if (this.#extra !== undefined) delete this.#extra[key];
    }
    this.#order?.push(key);
  }

  finish(): Record<string, unknown> {
    if (this.#extra !== undefined && this.#order !== undefined) {
      rememberKeyOrder(this.#value, this.#order);
      rememberKeyOrder(this.#extra, this.#order);
    } else if (this.#isReordered) rememberKeyOrder(this.#value, this.#keys());
    return this.#value;
  }

  /** Returns the keys of the members so far, in the order of the wire. */
  #keys(): string[] {
    return Object.keys(this.#value).flatMap((name) => this.#entries.byName.get(name)?.key ?? []);
  }

  #addExtra(): Record<string, unknown> {
    this.#order = this.#keys();
    const extra: Record<string, unknown> = Object.create(null);
    this.#value["extra"] = extra;
    this.#extra = extra;
    return extra;
  }
}

/** A received variant whose type is not the declared one. */
export class UndeclaredVariant {
  readonly variant: Variant;

  constructor(variant: Variant) {
    this.variant = variant;
  }
}

/**
 * Returns the codec of a variant with a declared type. It encodes the bare value, and decodes the bare value, or an
 * UndeclaredVariant if the type differs. The inner codec is compiled at first use, because dictionaries can be
 * recursive.
 */
export function declaredVariantCodec(compile: CompileCodec, member: FieldShape): Codec {
  let inner: Codec | undefined;
  return {
    signature: "v",
    alignment: 1,
    fixed: false,
    encode(writer, value) {
      inner ??= compileMember(compile, member);
      writer.signature(inner.signature);
      writer.enter();
      inner.encode(writer, value);
      writer.leave();
    },
    decode(reader) {
      inner ??= compileMember(compile, member);
      return decodeVariantOf(reader, inner, compile("v"));
    },
    decodeInSteps(reader) {
      inner ??= compileMember(compile, member);
      const start = reader.offset;
      const isDeclared = reader.signature() === inner.signature;
      const steps = isDeclared ? inner.decodeInSteps?.(reader) : undefined;
      if (steps !== undefined) return variantContentInSteps(reader, steps);
      reader.offset = start;
      const otherSteps = isDeclared ? undefined : compile("v").decodeInSteps?.(reader);
      return otherSteps && undeclaredInSteps(otherSteps);
    },
  };
}

function* undeclaredInSteps(steps: Steps<unknown>): Steps<unknown> {
  const other = yield* steps;
  return other instanceof Variant ? new UndeclaredVariant(other) : other;
}

function ownValue(object: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function extraOf(dictionary: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const extra = ownValue(dictionary, "extra");
  return extra === undefined ? {} : asPlainObject(extra);
}

function decodeVariantOf(reader: Reader, inner: Codec, variant: Codec): unknown {
  const start = reader.offset;
  if (reader.signature() === inner.signature) return decodeVariantContent(reader, inner);
  reader.offset = start;
  const other = variant.decode(reader);
  return other instanceof Variant ? new UndeclaredVariant(other) : other;
}
