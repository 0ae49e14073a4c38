import { type ArgumentsCodec, NO_ARGUMENTS } from "./arguments-codec.ts";
import type { Steps } from "./codec.ts";
import { DecodingCost, type ItemCounts } from "./decoding-cost.ts";
import type { Descriptors } from "./descriptors.ts";
import { InvalidValueError, MalformedMessageError, MissingDescriptorError, ValueTooLargeError } from "./errors.ts";
import type { Header } from "./header.ts";
import { decodeHeaderFields, missingField } from "./header-fields.ts";
import { REPLY_SERIAL_OFFSET, writeHeader } from "./header-template.ts";
import { writeBody } from "./kept-encoding.ts";
import { MAX_ARRAY_LENGTH, MAX_ERROR_TEXT_LENGTH, MAX_MESSAGE_LENGTH } from "./limits.ts";
import { LARGE_BYTES_LENGTH, Reader } from "./reader.ts";
import { readSignature } from "./signature.ts";
import type { Writer } from "./writer.ts";

/** A received message: its header is decoded and valid, its body is not decoded yet. */
export interface Message extends Header {
  /** Signature of the body; empty if there is no body. */
  readonly signature: string;
  /** The whole message. The body is the bytes from `bodyOffset` to the end. */
  readonly bytes: Uint8Array;
  /** Length of the whole message in bytes. */
  readonly length: number;
  readonly bodyOffset: number;
  /** The file descriptors of the message; absent if some are missing. */
  readonly descriptors?: Descriptors | undefined;
  /** Whether the header has a path that is too long to be used. `path` is then empty. */
  readonly isPathTooLong?: boolean;
}

const PROTOCOL_VERSION = 1;
const FIXED_LENGTH = 16;

/**
 * Writes a message into an empty writer.
 *
 * @throws InvalidValueError that names the invalid header field or argument; the writer must then be reset.
 */
export function encodeMessage(
  writer: Writer,
  header: Header,
  codec: ArgumentsCodec = NO_ARGUMENTS,
  values: readonly unknown[] = [],
): void {
  encodeOnce(writer, header, codec, values);
  const unixFds = writer.descriptors.length;
  if (unixFds === 0) return;
  // The header contains the number of descriptors, which is known only after the body is encoded.
  writer.reset();
  encodeOnce(writer, { ...header, unixFds }, codec, values);
  if (writer.descriptors.length !== unixFds) throw new InvalidValueError("the values changed during encoding");
}

function encodeOnce(writer: Writer, header: Header, codec: ArgumentsCodec, values: readonly unknown[]): void {
  writeHeader(writer, header, codec);
  const headerLength = writer.offset;
  writer.patchU8(2, header.flags);
  writer.patchU32(8, header.serial);
  if (header.replySerial !== undefined) writer.patchU32(REPLY_SERIAL_OFFSET, header.replySerial);
  writeBody(writer, codec, values);
  if (writer.offset > MAX_MESSAGE_LENGTH) {
    throw new ValueTooLargeError(`a message has at most ${MAX_MESSAGE_LENGTH} bytes, not ${writer.offset}`);
  }
  writer.patchU32(4, writer.offset - headerLength);
}

/**
 * Returns the length in bytes of the message that starts at an offset; undefined until its first 16 bytes have arrived.
 *
 * @param end - Offset of the end of the received bytes.
 * @throws MalformedMessageError if the bytes are not the beginning of a message.
 */
export function messageLength(bytes: Uint8Array, start = 0, end = bytes.length): number | undefined {
  if (end - start < FIXED_LENGTH) return undefined;
  const reader = READER.reset(bytes, start, FIXED_LENGTH, isLittleEndian(bytes, start), 3);
  if (reader.u8() !== PROTOCOL_VERSION) throw new MalformedMessageError("the protocol version is not 1");
  const body = reader.u32();
  reader.u32();
  const fields = reader.u32();
  if (fields > MAX_ARRAY_LENGTH) throw new MalformedMessageError(`an array has at most ${MAX_ARRAY_LENGTH} bytes`);
  const length = alignTo8(FIXED_LENGTH + fields) + body;
  if (length > MAX_MESSAGE_LENGTH) throw new MalformedMessageError(`a message has at most ${MAX_MESSAGE_LENGTH} bytes`);
  return length;
}

/** Bytes that each received file descriptor counts as, because a process can have only a limited number of them. */
const BYTES_PER_DESCRIPTOR = 1 << 16;

/** Returns the bytes that a message counts as while it is kept. Its descriptors count even if they were handed over. */
export function keptBytes({ length, descriptors, unixFds = 0 }: Message): number {
  return descriptors ? length + unixFds * BYTES_PER_DESCRIPTOR : length;
}

/** Result of `decodeAhead` for one codec. */
interface DecodedBody {
  readonly codec: ArgumentsCodec;
  /** Returns the values, or throws the error of decoding them. */
  readonly values: () => unknown[];
}

/** A received message in a block of memory that may contain other messages. */
export class ReceivedMessage implements Message {
  type = 0;
  flags = 0;
  serial = 0;
  path: string | undefined = undefined;
  interface: string | undefined = undefined;
  member: string | undefined = undefined;
  errorName: string | undefined = undefined;
  replySerial: number | undefined = undefined;
  destination: string | undefined = undefined;
  sender: string | undefined = undefined;
  unixFds: number | undefined = undefined;
  descriptors: Descriptors | undefined = undefined;
  signature = "";
  bodyOffset = 0;
  isPathTooLong = false;
  /** Whether later messages may overwrite the memory of this message. */
  isReleased = false;
  /** Bodies that `decodeAhead` has decoded and that `decodeBody` has not returned yet. */
  decodedBodies: DecodedBody[] | undefined = undefined;
  #memory: Uint8Array;
  #start: number;
  readonly #length: number;

  constructor(memory: Uint8Array, start: number, length: number) {
    this.#memory = memory;
    this.#start = start;
    this.#length = length;
  }

  get bytes(): Uint8Array {
    return this.#memory.subarray(this.#start, this.#start + this.#length);
  }

  get length(): number {
    return this.#length;
  }

  /**
   * Whether the message takes at least half of its memory block, so that keeping it does not keep much memory of other
   * messages.
   */
  get isLargestInMemory(): boolean {
    return 2 * this.#length >= this.#memory.buffer.byteLength;
  }

  /**
   * Replaces the memory of the message by another block. The block must contain the message, unless only header and
   * length are used after this call.
   */
  moveTo(memory: Uint8Array): void {
    this.#memory = memory;
    this.#start = 0;
    this.isReleased = true;
  }

  /**
   * Returns a reader at an offset in the message. The reader is valid until the next call of this method for any
   * message.
   */
  read(offset: number): Reader {
    return READER.reset(this.#memory, this.#start, this.#length, isLittleEndian(this.#memory, this.#start), offset);
  }
}

const NO_MEMORY = new Uint8Array(0);

/** The reader that all messages share. One reader is sufficient, because decoding never calls other code. */
const READER = new Reader(new Uint8Array(0), true);

/**
 * Decodes the header of a complete message. `decodeBody` decodes the body.
 *
 * @throws MalformedMessageError if the bytes are not exactly one message.
 */
export function decodeMessage(bytes: Uint8Array): Message {
  if (messageLength(bytes) !== bytes.length)
    throw new MalformedMessageError("the message does not have the length in its header");
  return decodeMessageAt(bytes, 0, bytes.length);
}

/**
 * Copies a message that is kept to separate memory, unless the message takes at least half of its memory block.
 * Otherwise the message would keep the whole block in memory.
 */
export function keepMessage(message: Message): void {
  // `Buffer.from` lets short messages share blocks of 8 KiB, because each block takes time to collect.
  if (message instanceof ReceivedMessage && !message.isLargestInMemory) message.moveTo(Buffer.from(message.bytes));
}

/**
 * Allows later messages to overwrite the memory of a message. After that, only the header and length of the message are
 * valid.
 */
export function releaseMemory(message: Message): void {
  if (message instanceof ReceivedMessage) message.moveTo(NO_MEMORY);
}

/**
 * Decodes the header of a message whose length was computed by `messageLength`. The memory must not change after this
 * call.
 */
export function decodeMessageAt(memory: Uint8Array, start: number, length: number): ReceivedMessage {
  const message = new ReceivedMessage(memory, start, length);
  const reader = message.read(1);
  message.type = reader.u8();
  message.flags = reader.u8();
  reader.offset = 8;
  message.serial = reader.u32();
  if (message.type === 0) throw new MalformedMessageError("the message type is 0");
  if (message.serial === 0) throw new MalformedMessageError("the serial is 0");
  decodeHeaderFields(reader, message);
  const missing = missingField(message.type, message);
  if (missing !== undefined) throw new MalformedMessageError(`the header field ${missing} is missing`);
  if (message.replySerial === 0) throw new MalformedMessageError("the reply serial is 0");
  reader.align(8);
  message.bodyOffset = reader.offset;
  if (message.signature === "" && reader.offset !== length)
    throw new MalformedMessageError("there is a body without signature");
  return message;
}

/**
 * Decodes the body of a message with the codec of its signature.
 *
 * @param descriptors - Descriptors of the message, for values of type `h`. They are not handed over.
 * @throws MalformedMessageError if the body is invalid; MissingDescriptorError if a value of type `h` has no descriptor.
 */
export function decodeBody(message: Message, codec: ArgumentsCodec, descriptors?: Descriptors): unknown[] {
  const decoded = takeDecodedBody(message, codec);
  if (decoded !== undefined) return decoded;
  const reader = bodyReader(message);
  reader.descriptors = descriptors;
  const values = codec.decode(reader);
  reader.assertEnd();
  if (reader.isDescriptorMissing) throw new MissingDescriptorError();
  return values;
}

/**
 * Decodes the body of a message like `decodeBody`, and releases its memory unless decoded values may be views of the
 * memory. Must not be used for a message with several receivers.
 */
export function decodeAndRelease(message: Message, codec: ArgumentsCodec, descriptors?: Descriptors): unknown[] {
  const values = decodeBody(message, codec, descriptors);
  if (message.length < LARGE_BYTES_LENGTH) releaseMemory(message);
  return values;
}

/** Decodes the body of a message like `decodeBody`, but in steps, and with less memory for many values. */
export function* decodeBodyInSteps(
  message: Message,
  codec: ArgumentsCodec,
  {
    descriptors,
    itemCounts,
  }: { readonly descriptors?: Descriptors | undefined; readonly itemCounts?: ItemCounts } = {},
): Steps<unknown[]> {
  const { bytes, bodyOffset } = message;
  const reader = new Reader(bytes, isLittleEndian(bytes, 0), bodyOffset);
  reader.descriptors = descriptors;
  reader.isLarge = true;
  reader.itemCounts = itemCounts;
  const values = yield* codec.decodeInSteps(reader);
  reader.assertEnd();
  if (reader.isDescriptorMissing) throw new MissingDescriptorError();
  return values;
}

/**
 * Decodes the body of a message in steps. The next call of `decodeBody` with this codec returns the values, or throws
 * the error.
 */
export function* decodeAhead(message: Message, codec: ArgumentsCodec, itemCounts: ItemCounts): Steps<void> {
  if (!(message instanceof ReceivedMessage)) return;
  let values: DecodedBody["values"];
  try {
    const decoded = yield* decodeBodyInSteps(message, codec, { descriptors: message.descriptors, itemCounts });
    values = () => decoded;
  } catch (error) {
    values = () => {
      throw error;
    };
  }
  message.decodedBodies ??= [];
  message.decodedBodies.push({ codec, values });
}

/** Bodies up to this length in bytes are decoded without counting and without steps. */
const SMALL_BODY_LENGTH = 1 << 14;
/** Maximum memory of decoded values per byte of a body. Empty Maps take this much. */
const MAX_DECODED_BYTES_PER_BYTE = 64;
/** Texts up to this length in bytes are decoded without steps. */
const SHORT_TEXTS_LENGTH = 1 << 18;
/**
 * Maximum memory of the values of a body, without texts, if its only containers are structs and byte arrays. A body of
 * 255 byte arrays takes this much.
 */
const MAX_FLAT_BYTES = 1 << 16;

/**
 * Returns whether the values of a body must be counted before the body is decoded, because decoding may take much
 * memory or time.
 */
export function mustBeCounted({ length, bodyOffset, signature }: Message, maxDecodedBytes: number): boolean {
  const bodyLength = length - bodyOffset;
  if (bodyLength <= Math.min(SMALL_BODY_LENGTH, maxDecodedBytes / MAX_DECODED_BYTES_PER_BYTE)) return false;
  const isFewTexts = bodyLength <= SHORT_TEXTS_LENGTH || signature === "ay";
  return !isFewTexts || maxDecodedBytes < MAX_FLAT_BYTES + SHORT_TEXTS_LENGTH || !isFlat(signature);
}

/**
 * Returns whether a signature contains no variants, no arrays except byte arrays, and no paths, whose length must be
 * checked by counting.
 */
function isFlat(signature: string): boolean {
  for (let index = 0; index < signature.length; index++) {
    const code = signature[index];
    if (code === "v" || code === "o") return false;
    if (code === "a" && signature[++index] !== "y") return false;
  }
  return true;
}

/** Creates a count of the cost of decoding a body. The count ends if the memory exceeds `maxDecodedBytes`. */
export function decodingCost({ bytes, bodyOffset, signature }: Message, maxDecodedBytes: number): DecodingCost {
  const read = readSignature(signature);
  return new DecodingCost(bytes, isLittleEndian(bytes, 0), bodyOffset, read.ok ? read.types : [], maxDecodedBytes);
}

function takeDecodedBody(message: Message, codec: ArgumentsCodec): unknown[] | undefined {
  if (!(message instanceof ReceivedMessage) || message.decodedBodies === undefined) return undefined;
  const index = message.decodedBodies.findIndex((body) => body.codec === codec);
  return index < 0 ? undefined : message.decodedBodies.splice(index, 1)[0]?.values();
}

/**
 * Decodes the body of a message, and makes the caller the owner of the file descriptors in the body. Throws as
 * `decodeBody` does.
 */
export function decodeBodyWithDescriptors(message: Message, codec: ArgumentsCodec): unknown[] {
  const values = decodeBody(message, codec, message.descriptors);
  message.descriptors?.handOver();
  return values;
}

/** Returns the first argument of an error reply if it is a string of at most 1 MiB; otherwise an empty text. */
export function errorText(message: Message): string {
  if (!message.signature.startsWith("s")) return "";
  return bodyReader(message).stringUpTo(MAX_ERROR_TEXT_LENGTH) ?? "";
}

/** Returns a reader at the start of the body. The reader is valid until the next use of any message. */
export function bodyReader(message: Message): Reader {
  if (message instanceof ReceivedMessage) return message.read(message.bodyOffset);
  const { bytes, bodyOffset } = message;
  return READER.reset(bytes, 0, bytes.length, isLittleEndian(bytes, 0), bodyOffset);
}

function isLittleEndian(bytes: Uint8Array, start: number): boolean {
  if (bytes[start] === 0x6c) return true;
  if (bytes[start] === 0x42) return false;
  throw new MalformedMessageError("the byte order is neither little nor big endian");
}

function alignTo8(offset: number): number {
  return (offset + 7) & -8;
}
