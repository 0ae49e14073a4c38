import type { Argument } from "../contract.ts";
import type { Codec, Steps } from "./codec.ts";
import { codecOf } from "./compile-codec.ts";
import { addLocation, describeValue, InvalidValueError } from "./errors.ts";
import { MAX_SIGNATURE_LENGTH } from "./limits.ts";
import type { Reader } from "./reader.ts";
import { readSignature } from "./signature.ts";
import { SignatureCache } from "./signature-cache.ts";
import type { Writer } from "./writer.ts";

/** Codec of the body of a message: a list of arguments. */
export interface ArgumentsCodec {
  readonly signature: string;
  readonly length: number;
  /** Writes the arguments. Throws InvalidValueError that names the invalid argument. */
  encode(writer: Writer, values: readonly unknown[]): void;
  decode(reader: Reader): unknown[];
  /** Decodes the arguments like `decode`, but in steps. */
  decodeInSteps(reader: Reader): Steps<unknown[]>;
}

const codecsBySignature = new SignatureCache<ArgumentsCodec>();
const codecsByContract = new WeakMap<readonly Argument[], ArgumentsCodec>();

/**
 * Returns the codec of a contract's arguments. The codec is compiled at first use and cached as long as the contract
 * exists.
 */
export function argumentsCodec(args: readonly Argument[]): ArgumentsCodec {
  let codec = codecsByContract.get(args);
  if (codec === undefined) {
    codec = compileArguments(args.map((arg, index) => [locationOf(arg.name, index), codecOf(arg.type, arg.as?.())]));
    codecsByContract.set(args, codec);
  }
  return codec;
}

/**
 * Returns the codec of a body whose signature is any number of complete types. Throws InvalidValueError if the
 * signature is invalid.
 */
export function bodyCodec(signature: string): ArgumentsCodec {
  const cached = codecsBySignature.get(signature);
  if (cached !== undefined) return cached;
  const read = readSignature(signature);
  if (!read.ok) throw new InvalidValueError(`${describeValue(signature)} is not a signature: ${read.problem.message}`);
  const codec = compileArguments(
    read.types.map((type, index) => [locationOf(undefined, index), codecOf(type.signature)]),
  );
  codecsBySignature.add(signature, codec);
  return codec;
}

/**
 * Combines codecs into the codec of a body.
 *
 * @param members - For each argument, its description in error messages and its codec.
 */
export function compileArguments(members: readonly (readonly [location: string, codec: Codec])[]): ArgumentsCodec {
  const locations = members.map(([location]) => location);
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
        throw addLocation(locations[index - 1] ?? "", error);
      }
    },
    decode(reader) {
      const values: unknown[] = [];
      for (const codec of codecs) values.push(codec.decode(reader));
      return values;
    },
    *decodeInSteps(reader) {
      const values: unknown[] = [];
      for (const codec of codecs) {
        const steps = codec.decodeInSteps?.(reader);
        values.push(steps === undefined ? codec.decode(reader) : yield* steps);
      }
      return values;
    },
  };
}

/** Codec of an empty body. */
export const NO_ARGUMENTS: ArgumentsCodec = bodyCodec("");

function locationOf(name: string | undefined, index: number): string {
  return name === undefined ? `argument ${index + 1}` : `argument "${name}"`;
}
