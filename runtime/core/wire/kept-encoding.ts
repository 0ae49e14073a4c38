import type { ArgumentsCodec } from "./arguments-codec.ts";
import type { Writer } from "./writer.ts";

interface KeptEncoding {
  /** The codec with which the value was encoded; undefined until the first use. */
  codec: ArgumentsCodec | undefined;
  bytes: Uint8Array;
}

const encodings = new WeakMap<object, KeptEncoding>();

/**
 * Marks a value so that its encoding is kept. Messages whose only argument is this value then encode it only once. The
 * value, including all inner values, must not change after this call. The encoding is released together with the value.
 *
 * @returns The same value.
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
