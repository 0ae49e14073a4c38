import type { Argument } from "../contract.ts";
import { argumentsCodec } from "../wire/arguments-codec.ts";
import { InvalidValueError } from "../wire/errors.ts";
import { MAX_DESCRIPTORS } from "../wire/limits.ts";
import { Writer } from "../wire/writer.ts";

const MAX_DESCRIBED = 16;

/** Returns arguments as text: `(level: u, options: a{sv})`. */
export function describeArguments(args: readonly Argument[]): string {
  const described = args
    .slice(0, MAX_DESCRIBED)
    .map(({ name, type }) => (name === undefined ? type : `${name}: ${type}`));
  return `(${described.join(", ")}${args.length > MAX_DESCRIBED ? ", …" : ""})`;
}

/** Returns whether values can be encoded as arguments. */
export function areArguments(args: readonly Argument[], values: readonly unknown[]): boolean {
  const writer = new Writer();
  writer.maxDescriptors = MAX_DESCRIPTORS;
  try {
    argumentsCodec(args).encode(writer, values);
    return true;
  } catch (error) {
    if (error instanceof InvalidValueError) return false;
    throw error;
  }
}

/** Returns the signature of arguments. */
export function signatureOf(args: readonly Argument[]): string {
  return args.map(({ type }) => type).join("");
}
