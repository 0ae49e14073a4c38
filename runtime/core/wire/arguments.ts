import type { Argument } from "../contract.ts";
import type { Codec } from "./codec.ts";
import { codecOf } from "./compile.ts";
import { describe, InvalidValueError, within } from "./faults.ts";
import type { Reader } from "./reader.ts";
import { MAX_SIGNATURE_LENGTH, readSignature } from "./signature.ts";
import type { Writer } from "./writer.ts";

/** Encodes and decodes the body of a message: a list of arguments. */
export interface ArgumentsCodec {
  readonly signature: string;
  readonly length: number;
  /** Throws InvalidValueError that names the argument. */
  encode(writer: Writer, values: readonly unknown[]): void;
  decode(reader: Reader): unknown[];
}

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
  if (signature === "") return NO_ARGUMENTS;
  const read = readSignature(signature);
  if (!read.ok) throw new InvalidValueError(`${describe(signature)} is not a signature: ${read.fault.message}`);
  return compileArguments(read.types.map((type, index) => [place(undefined, index), codecOf(type.signature)]));
}

/** A body codec made of codecs; each comes with how errors name its argument. */
export function compileArguments(members: readonly (readonly [place: string, codec: Codec])[]): ArgumentsCodec {
  const signature = members.map(([, codec]) => codec.signature).join("");
  if (signature.length > MAX_SIGNATURE_LENGTH) {
    throw new InvalidValueError(`the arguments have a signature of more than ${MAX_SIGNATURE_LENGTH} characters`);
  }
  return {
    signature,
    length: members.length,
    encode(writer, values) {
      if (values.length !== members.length) {
        throw new InvalidValueError(`expected ${members.length} arguments (${signature}), got ${values.length}`);
      }
      let index = 0;
      for (const [name, codec] of members) {
        try {
          codec.encode(writer, values[index++]);
        } catch (error) {
          throw within(name, error);
        }
      }
    },
    decode: (reader) => members.map(([, codec]) => codec.decode(reader)),
  };
}

/** The body of a message without arguments. */
export const NO_ARGUMENTS: ArgumentsCodec = compileArguments([]);

function place(name: string | undefined, index: number): string {
  return name === undefined ? `argument ${index + 1}` : `argument "${name}"`;
}
