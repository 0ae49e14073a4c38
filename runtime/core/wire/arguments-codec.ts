import type { Argument } from "../contract.ts";
import type { Codec } from "./codec.ts";
import { codecOf } from "./compile-codec.ts";
import { describe, InvalidValueError, within } from "./errors.ts";
import { MAX_SIGNATURE_LENGTH } from "./limits.ts";
import type { Reader } from "./reader.ts";
import { readSignature } from "./signature.ts";
import type { Writer } from "./writer.ts";

/** Encodes and decodes the body of a message: a list of arguments. */
export interface ArgumentsCodec {
  readonly signature: string;
  readonly length: number;
  /** Throws InvalidValueError that names the argument. */
  encode(writer: Writer, values: readonly unknown[]): void;
  decode(reader: Reader): unknown[];
}

/** Peers choose some of the signatures, so what is remembered is bounded. */
const MAX_BODIES = 1024;
const bodies = new Map<string, ArgumentsCodec>();
const known = new WeakMap<readonly Argument[], ArgumentsCodec>();

/** The codec of a contract's arguments, compiled at first use and kept as long as the contract. */
export function argumentsCodec(args: readonly Argument[]): ArgumentsCodec {
  let codec = known.get(args);
  if (codec === undefined) {
    codec = compileArguments(args.map((arg, index) => [place(arg.name, index), codecOf(arg.type, arg.as?.())]));
    known.set(args, codec);
  }
  return codec;
}

/** The codec of a body with a signature of any number of complete types. Throws InvalidValueError when it is not one. */
export function bodyCodec(signature: string): ArgumentsCodec {
  const found = bodies.get(signature);
  if (found !== undefined) return found;
  const read = readSignature(signature);
  if (!read.ok) throw new InvalidValueError(`${describe(signature)} is not a signature: ${read.fault.message}`);
  const codec = compileArguments(read.types.map((type, index) => [place(undefined, index), codecOf(type.signature)]));
  if (bodies.size < MAX_BODIES) bodies.set(signature, codec);
  return codec;
}

/** A body codec made of codecs; each comes with how errors name its argument. */
export function compileArguments(members: readonly (readonly [place: string, codec: Codec])[]): ArgumentsCodec {
  const places = members.map(([place]) => place);
  const codecs = members.map(([, codec]) => codec);
  const signature = codecs.map((codec) => codec.signature).join("");
  if (signature.length > MAX_SIGNATURE_LENGTH) {
    throw new InvalidValueError(`the arguments have a signature of more than ${MAX_SIGNATURE_LENGTH} characters`);
  }
  return {
    signature,
    length: codecs.length,
    encode(writer, values) {
      if (values.length !== codecs.length) {
        throw new InvalidValueError(`expected ${codecs.length} arguments (${signature}), got ${values.length}`);
      }
      let index = 0;
      try {
        for (const codec of codecs) codec.encode(writer, values[index++]);
      } catch (error) {
        throw within(places[index - 1] ?? "", error);
      }
    },
    decode(reader) {
      const values: unknown[] = [];
      for (const codec of codecs) values.push(codec.decode(reader));
      return values;
    },
  };
}

/** The body of a message without arguments. */
export const NO_ARGUMENTS: ArgumentsCodec = bodyCodec("");

function place(name: string | undefined, index: number): string {
  return name === undefined ? `argument ${index + 1}` : `argument "${name}"`;
}
