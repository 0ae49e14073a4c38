import type { DictionaryShape, FieldShape, Shape, StructShape } from "../contract.ts";
import { Variant } from "../values.ts";
import type { Codec } from "./codec.ts";
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
import type { Reader } from "./reader.ts";
import { decodeVariantContent } from "./variant-codec.ts";
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
  };
}

/**
 * Returns the codec of a dictionary `a{sv}` with declared keys: an object of optional members; other keys are in
 * `extra`.
 */
export function dictionaryCodec(shape: DictionaryShape, compile: CompileCodec): Codec {
  const key = compile("s");
  const variant = compile("v");
  const entry = entryCodec(key, variant);
  const entries = new Map<string, DeclaredEntry>();
  for (const [name, member] of Object.entries(shape.entries)) {
    entries.set(member.key, { name, value: declaredVariantCodec(compile, member) });
  }

  function encodeExtra(writer: Writer, extra: unknown): void {
    for (const [name, value] of Object.entries(asPlainObject(extra))) {
      if (value !== undefined) encodeEntry(writer, key, variant, name, value);
    }
  }

  function decodeEntry(reader: Reader, into: Record<string, unknown>): void {
    beginEntry(reader);
    const name = reader.cachedString();
    const declared = entries.get(name);
    const value = declared === undefined ? variant.decode(reader) : declared.value.decode(reader);
    if (declared === undefined || value instanceof UndeclaredVariant) {
      into["extra"] ??= Object.create(null);
      Reflect.set(Object(into["extra"]), name, value instanceof UndeclaredVariant ? value.variant : value);
    } else {
      into[declared.name] = value;
    }
    reader.leave();
  }

  return {
    signature: "a{sv}",
    alignment: 4,
    fixed: false,
    encode(writer, value) {
      const object = asPlainObject(value);
      const lengthAt = beginArray(writer, entry);
      for (const [wireKey, { name, value: codec }] of entries) {
        const member = Object.hasOwn(object, name) ? object[name] : undefined;
        if (member !== undefined) encodeEntry(writer, key, codec, wireKey, member);
      }
      const extra = Object.hasOwn(object, "extra") ? object["extra"] : undefined;
      if (extra !== undefined) encodeExtra(writer, extra);
      endArray(writer, entry, lengthAt);
    },
    decode(reader) {
      const value: Record<string, unknown> = {};
      const end = enterArray(reader, entry);
      while (reader.offset < end) decodeEntry(reader, value);
      leaveArray(reader, entry, end);
      return value;
    },
  };
}

interface DeclaredEntry {
  /** Identifier of the member. */
  readonly name: string;
  readonly value: Codec;
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
  };
}

function decodeVariantOf(reader: Reader, inner: Codec, variant: Codec): unknown {
  const start = reader.offset;
  if (reader.signature() === inner.signature) return decodeVariantContent(reader, inner);
  reader.offset = start;
  const other = variant.decode(reader);
  return other instanceof Variant ? new UndeclaredVariant(other) : other;
}
