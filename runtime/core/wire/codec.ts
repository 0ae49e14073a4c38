import type { Reader } from "./reader.ts";
import type { Writer } from "./writer.ts";

/** Encodes and decodes the values of one complete type, in one TypeScript shape. */
export interface Codec {
  /** One complete type. */
  readonly signature: string;
  /** What the first byte of a value is aligned to. */
  readonly alignment: 1 | 2 | 4 | 8;
  /** Whether the type is a number, boolean or file descriptor: libdbus counts no depth for arrays of these. */
  readonly fixed: boolean;
  /** Writes a value. Throws InvalidValueError for a value that is not of the type. */
  encode(writer: Writer, value: unknown): void;
  /** Reads a value. Throws MalformedMessageError; where a file descriptor is missing it sets `lacksDescriptor` and gives -1. */
  decode(reader: Reader): unknown;
}
