import type { ChoiceShape } from "../contract.ts";
import type { Codec, Steps } from "./codec.ts";
import { asPlainObject, beginEntry, enterArray, entryCodec } from "./container-codecs.ts";
import { dictionaryCodec } from "./dictionary-codec.ts";
import { describeValue, InvalidValueError } from "./errors.ts";
import type { Reader } from "./reader.ts";
import type { Type } from "./signature.ts";
import type { CompileCodec } from "./struct-codec.ts";

/** A case of a choice: the codec for one value of the selecting key. */
interface SelectedCodec {
  readonly value: string;
  /** Identifier of the member that contains the selecting value. */
  readonly member: string;
  readonly codec: Codec;
}

const VARIANT: readonly Type[] = [{ kind: "variant", signature: "v" }];

/**
 * Returns the codec of a dictionary `a{sv}` that has a different shape for each value of one of its keys. A dictionary
 * without the key, or with another value, is decoded to an object that has all entries in `extra`.
 */
export function choiceCodec(shape: ChoiceShape, compile: CompileCodec): Codec {
  const fallback = dictionaryCodec({ kind: "dictionary", entries: {} }, compile);
  const entry = entryCodec(compile("s"), compile("v"));
  let compiled: readonly SelectedCodec[] | undefined;
  const cases = (): readonly SelectedCodec[] => (compiled ??= compileCases(shape, compile));
  const codecOf = (value: string | undefined): Codec =>
    cases().find((candidate) => candidate.value === value)?.codec ?? fallback;

  return {
    signature: "a{sv}",
    alignment: 4,
    fixed: false,
    encode(writer, value) {
      const object = asPlainObject(value);
      const selected = cases().find(({ value: expected, member }) => object[member] === expected);
      const other = cases().find(({ member }) => Object.hasOwn(object, member) && object[member] !== undefined);
      if (selected === undefined && other !== undefined)
        throw new InvalidValueError(
          `${other.member} is not one of the declared values: ${describeValue(object[other.member])}`,
        );
      (selected?.codec ?? fallback).encode(writer, value);
    },
    decode(reader) {
      return codecOf(runToEnd(findSelector(reader, entry, shape.key))).decode(reader);
    },
    decodeInSteps(reader) {
      return reader.isLongArrayNext ? choiceInSteps(reader, entry, shape.key, codecOf) : undefined;
    },
  };
}

function runToEnd<T>(steps: Steps<T>): T {
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}

function* choiceInSteps(
  reader: Reader,
  entry: Codec,
  key: string,
  codecOf: (value: string | undefined) => Codec,
): Steps<unknown> {
  const codec = codecOf(yield* findSelector(reader, entry, key));
  const steps = codec.decodeInSteps?.(reader);
  return steps === undefined ? codec.decode(reader) : yield* steps;
}

/**
 * Returns the value of the selecting key in the next dictionary; undefined if the key is missing or its value is not a
 * string. If the key is repeated, the last value counts, as for other repeated keys. Does not move the reader.
 */
function* findSelector(reader: Reader, entry: Codec, key: string): Steps<string | undefined> {
  const start = reader.offset;
  let selector: string | undefined;
  const end = enterArray(reader, entry);
  while (reader.offset < end) {
    beginEntry(reader);
    const isSelector = reader.cachedString() === key;
    const valueAt = reader.offset;
    if (isSelector) {
      selector = reader.signature() === "s" ? reader.string() : undefined;
      reader.offset = valueAt;
    }
    yield* reader.skipInSteps(VARIANT);
    reader.leave();
  }
  if (end !== 0) reader.leave();
  reader.offset = start;
  return selector;
}

function compileCases({ key, cases }: ChoiceShape, compile: CompileCodec): readonly SelectedCodec[] {
  return cases.map(({ value, as }) => {
    const shape = as();
    const [member] = Object.entries(shape.entries).find(([, entry]) => entry.key === key && entry.type === "s") ?? [];
    if (member === undefined)
      throw new InvalidValueError(
        `the dictionary of ${describeValue(value)} does not declare the key ${describeValue(key)}`,
      );
    return { value, member, codec: compile("a{sv}", shape) };
  });
}
