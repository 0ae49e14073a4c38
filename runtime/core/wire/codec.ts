import type { Reader } from "./reader.ts";
import type { Writer } from "./writer.ts";

/**
 * Work that pauses often, so that other work can be done between its steps. The generator returns the result of the
 * work.
 */
export type Steps<T> = Generator<undefined, T, undefined>;

/** Codec of one complete type with one TypeScript shape. */
export interface Codec {
  /** Signature of one complete type. */
  readonly signature: string;
  /** Alignment of the first byte of a value (D-Bus specification, "Marshaling"). */
  readonly alignment: 1 | 2 | 4 | 8;
  /**
   * Whether the type is a number, boolean or file descriptor. As in libdbus, an array of these adds no nesting depth.
   */
  readonly fixed: boolean;
  /** Writes a value. Throws InvalidValueError if the value is not of the type. */
  encode(writer: Writer, value: unknown): void;
  /**
   * Reads a value. Throws MalformedMessageError if the bytes are not a value of the type. A missing file descriptor is
   * read as -1, and `isDescriptorMissing` of the reader is set.
   */
  decode(reader: Reader): unknown;
  /**
   * Returns a generator that decodes a value like `decode`, but in steps. Returns undefined if `decode` takes little
   * time for the next value. Absent if `decode` takes little time for every value.
   */
  decodeInSteps?(reader: Reader): Steps<unknown> | undefined;
}
