import type { DictionaryShape } from "../contract.ts";
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
import { declaredVariantCodec, lazyCodec, UndeclaredVariant } from "./declared-codecs.ts";
import { describeValue, InvalidValueError } from "./errors.ts";
import { keysInOrder, mayBeReordered, rememberedKeyOrder, rememberKeyOrder } from "./key-order.ts";
import type { Reader } from "./reader.ts";
import { newRecord, prepareForNumberedKeys } from "./record.ts";
import type { CompileCodec } from "./struct-codec.ts";
import type { Writer } from "./writer.ts";

/**
 * Returns the codec of a dictionary with declared keys. The TypeScript value is an object with optional members. Keys
 * that match a pattern are in the record of the pattern, other undeclared keys in `extra`. Members are encoded in the
 * order of the shape, then the records of patterns, then `extra`. A decoded dictionary is encoded in the order in which
 * it was received. A declared key may be in `extra` with a value of another type, but not together with its member.
 */
export function dictionaryCodec(shape: DictionaryShape, compile: CompileCodec): Codec {
  const key = compile("s");
  const undeclared = compile(shape.values ?? "v");
  const entry = entryCodec(key, undeclared);
  const entries = declaredEntries(shape, compile);
  const { byKey, patterns } = entries;

  function encodeMember(writer: Writer, { key: wireKey, value: codec }: DeclaredEntry, member: unknown): void {
    if (member !== undefined) encodeEntry(writer, key, codec, wireKey, member);
  }

  function encodeExtraEntry(writer: Writer, object: Record<string, unknown>, name: string, value: unknown): void {
    if (value === undefined) return;
    const declared = byKey.get(name);
    const pattern = declared === undefined ? patternOf(patterns, name) : undefined;
    const isMember = declared !== undefined && ownValue(object, declared.name) !== undefined;
    if (isMember || (pattern !== undefined && ownValue(recordOf(object, pattern.name), name) !== undefined)) {
      const member = declared?.name ?? pattern?.name;
      throw new InvalidValueError(`the key ${describeValue(name)} is in extra although ${member} has a value`);
    }
    encodeEntry(writer, key, undeclared, name, value);
  }

  /** Encodes an entry of the record of a pattern. */
  function encodeRecordEntry(writer: Writer, pattern: DeclaredPattern, name: string, value: unknown): void {
    if (value === undefined) return;
    if (byKey.has(name) || patternOf(patterns, name) !== pattern)
      throw new InvalidValueError(`the key ${describeValue(name)} does not belong in ${pattern.name}`);
    encodeEntry(writer, key, pattern.value, name, value);
  }

  /**
   * Encodes a decoded dictionary in the order in which it was received. Keys that were added after decoding are last.
   */
  function encodeInOrder(writer: Writer, object: Record<string, unknown>, order: readonly string[]): void {
    const extra = recordOf(object, "extra");
    const records = patterns.map((pattern) => ({ pattern, record: recordOf(object, pattern.name) }));
    const added = records.flatMap(({ record }) => keysInOrder(record));
    for (const wireKey of new Set([...order, ...byKey.keys(), ...added, ...keysInOrder(extra)])) {
      const declared = byKey.get(wireKey);
      if (declared !== undefined) encodeMember(writer, declared, ownValue(object, declared.name));
      for (const { pattern, record } of records) encodeRecordEntry(writer, pattern, wireKey, ownValue(record, wireKey));
      encodeExtraEntry(writer, object, wireKey, ownValue(extra, wireKey));
    }
  }

  function encodeInShapeOrder(writer: Writer, object: Record<string, unknown>): void {
    for (const declared of byKey.values()) encodeMember(writer, declared, ownValue(object, declared.name));
    for (const pattern of patterns) {
      const record = recordOf(object, pattern.name);
      for (const name of keysInOrder(record)) encodeRecordEntry(writer, pattern, name, record[name]);
    }
    const extra = recordOf(object, "extra");
    for (const name of keysInOrder(extra)) encodeExtraEntry(writer, object, name, extra[name]);
  }

  return {
    signature: `a${entry.signature}`,
    alignment: 4,
    fixed: false,
    encode(writer, value) {
      const object = asPlainObject(value);
      const lengthAt = beginArray(writer, entry);
      const order = rememberedKeyOrder(object);
      if (order !== undefined) encodeInOrder(writer, object, order);
      else encodeInShapeOrder(writer, object);
      endArray(writer, entry, lengthAt);
    },
    decode(reader) {
      const decoded = new DecodedDictionary(entries);
      const end = enterArray(reader, entry);
      while (reader.offset < end) {
        beginEntry(reader);
        const name = reader.cachedString();
        const place = placeOf(entries, name);
        decoded.add(name, place, (place?.value ?? undeclared).decode(reader));
        reader.leave();
      }
      leaveArray(reader, entry, end);
      return decoded.finish();
    },
    decodeInSteps(reader) {
      return reader.isLongArrayNext ? dictionaryInSteps(reader, entry, undeclared, entries) : undefined;
    },
  };
}

function* dictionaryInSteps(
  reader: Reader,
  entry: Codec,
  undeclared: Codec,
  entries: DeclaredEntries,
): Steps<Record<string, unknown>> {
  const decoded = new DecodedDictionary(entries);
  const end = enterArray(reader, entry);
  while (reader.offset < end) {
    beginEntry(reader);
    const name = reader.cachedString();
    const place = placeOf(entries, name);
    const codec = place?.value ?? undeclared;
    const steps = codec.decodeInSteps?.(reader);
    decoded.add(name, place, steps === undefined ? codec.decode(reader) : yield* steps);
    reader.leave();
    if (reader.shouldPause()) yield;
  }
  leaveArray(reader, entry, end);
  return decoded.finish();
}

function declaredEntries(shape: DictionaryShape, compile: CompileCodec): DeclaredEntries {
  const { values, patterns = {} } = shape;
  const valueCodec = (member: DictionaryShape["entries"][string]): Codec => {
    if (values === undefined) return declaredVariantCodec(compile, member);
    if (member.type !== values)
      throw new InvalidValueError(`the key ${describeValue(member.key)} is of type ${values}`);
    return lazyCodec(compile, member);
  };
  const entries = Object.entries(shape.entries).map(([name, member], index) => {
    return { name, key: member.key, index, value: valueCodec(member) };
  });
  return {
    byKey: new Map(entries.map((declared) => [declared.key, declared])),
    byName: new Map(entries.map((declared) => [declared.name, declared])),
    patterns: Object.entries(patterns).map(([name, { pattern, ...member }]) => {
      const [prefix = "", suffix = ""] = pattern.split("*");
      return { name, prefix, suffix, value: valueCodec({ key: pattern, ...member }) };
    }),
  };
}

interface DeclaredEntries {
  readonly byKey: ReadonlyMap<string, DeclaredEntry>;
  readonly byName: ReadonlyMap<string, DeclaredEntry>;
  readonly patterns: readonly DeclaredPattern[];
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

/** A pattern of keys: the text before its `*` and the text after it. */
interface DeclaredPattern {
  /** Identifier of the member that contains the record of the pattern. */
  readonly name: string;
  readonly prefix: string;
  readonly suffix: string;
  readonly value: Codec;
}

function placeOf({ byKey, patterns }: DeclaredEntries, key: string): DeclaredEntry | DeclaredPattern | undefined {
  return byKey.get(key) ?? patternOf(patterns, key);
}

function patternOf(patterns: readonly DeclaredPattern[], key: string): DeclaredPattern | undefined {
  return patterns.find(
    ({ prefix, suffix }) =>
      key.length >= prefix.length + suffix.length && key.startsWith(prefix) && key.endsWith(suffix),
  );
}

/** A dictionary with declared keys that is being decoded. The last value of a repeated key is used. */
class DecodedDictionary {
  readonly #entries: DeclaredEntries;
  readonly #value: Record<string, unknown> = {};
  /** The record `extra` and the records of patterns, by identifier. */
  readonly #records = new Map<string, Record<string, unknown>>();
  /** All keys so far in the order of the wire; undefined until a key belongs to a record. */
  #order: string[] | undefined;
  #lastIndex = -1;
  /** Whether the order of the members differs from that in the shape. */
  #isReordered = false;

  constructor(entries: DeclaredEntries) {
    this.#entries = entries;
  }

  /** @param place - The declared entry or pattern to which the key belongs; undefined for an undeclared key. */
  add(key: string, place: DeclaredEntry | DeclaredPattern | undefined, value: unknown): void {
    if (place === undefined) this.#addToRecord("extra", key, value);
    else if (value instanceof UndeclaredVariant) {
      this.#addToRecord("extra", key, value.variant);
      if ("index" in place) delete this.#value[place.name];
      else delete this.#records.get(place.name)?.[key];
    } else {
      if ("index" in place) this.#addMember(place, value);
      else this.#addToRecord(place.name, key, value);
      delete this.#records.get("extra")?.[key];
    }
    this.#order?.push(key);
  }

  finish(): Record<string, unknown> {
    if (this.#order !== undefined) {
      rememberKeyOrder(this.#value, this.#order);
      for (const record of this.#records.values()) rememberKeyOrder(record, this.#order);
    } else if (this.#isReordered) rememberKeyOrder(this.#value, this.#keys());
    return this.#value;
  }

  #addMember({ name, index }: DeclaredEntry, value: unknown): void {
    if (index < this.#lastIndex) this.#isReordered = true;
    this.#lastIndex = index;
    this.#value[name] = value;
  }

  /** Returns the keys of the members that were added so far, in the order of the wire. */
  #keys(): string[] {
    return Object.keys(this.#value).flatMap((name) => this.#entries.byName.get(name)?.key ?? []);
  }

  #addToRecord(name: string, key: string, value: unknown): void {
    const record = this.#record(name);
    if (mayBeReordered(key)) prepareForNumberedKeys(record);
    record[key] = value;
  }

  /** Returns the record `extra` or the record of a pattern. Creates the record at first use. */
  #record(name: string): Record<string, unknown> {
    const existing = this.#records.get(name);
    if (existing !== undefined) return existing;
    this.#order ??= this.#keys();
    const record = newRecord();
    this.#value[name] = record;
    this.#records.set(name, record);
    return record;
  }
}

function ownValue(object: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** Returns the record `extra` or the record of a pattern; an empty record if the dictionary does not have it. */
function recordOf(dictionary: Readonly<Record<string, unknown>>, name: string): Record<string, unknown> {
  const record = ownValue(dictionary, name);
  return record === undefined ? NO_ENTRIES : asPlainObject(record);
}

const NO_ENTRIES: Record<string, unknown> = Object.freeze({});
