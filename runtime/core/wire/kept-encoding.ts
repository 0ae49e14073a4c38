import type { ArgumentsCodec } from "./arguments-codec.ts";
import type { Writer } from "./writer.ts";

interface KeptEncoding {
  /** The codec that has encoded the value; undefined until the first use. */
  codec: ArgumentsCodec | undefined;
  bytes: Uint8Array;
}

const encodings = new WeakMap<object, KeptEncoding>();

/**
 * Keeps the encoding of a value, so that messages whose only argument it is encode it once. The value, and everything in
 * it, must not change afterwards. The encoding is released with the value.
 *
 * @returns The value.
 */
export function keepEncoding<T extends object>(value: T): T {
  if (!encodings.has(value)) encodings.set(value, { codec: undefined, bytes: new Uint8Array(0) });
  return value;
}

/** Writes the body of a message after its header. Throws InvalidValueError that names the invalid argument. */
export function writeBody(writer: Writer, codec: ArgumentsCodec, values: readonly unknown[]): void {
  const kept = values.length === 1 ? encodingOf(values[0]) : undefined;
  if (kept?.codec === codec) {
    writer.bytes(kept.bytes);
    return;
  }
  const start = writer.offset;
  codec.encode(writer, values);
  // Descriptors belong to one message.
  if (kept === undefined || writer.descriptors.length > 0) return;
  kept.codec = codec;
  kept.bytes = writer.copyBytes(start);
}

function encodingOf(value: unknown): KeptEncoding | undefined {
  return typeof value === "object" && value !== null ? encodings.get(value) : undefined;
}
