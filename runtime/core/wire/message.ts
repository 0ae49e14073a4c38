import { type ArgumentsCodec, NO_ARGUMENTS } from "./arguments-codec.ts";
import type { Descriptors } from "./descriptors.ts";
import { InvalidValueError, MalformedMessageError, MissingDescriptorError, ValueTooLargeError } from "./errors.ts";
import type { Header } from "./header.ts";
import { decodeFields, missingField } from "./header-fields.ts";
import { REPLY_SERIAL_AT, templateOf } from "./header-template.ts";
import { MAX_ARRAY_LENGTH, MAX_MESSAGE_LENGTH } from "./limits.ts";
import { Reader } from "./reader.ts";
import type { Writer } from "./writer.ts";

/** A message as it came: the header read and checked, the body still bytes. */
export interface Message extends Header {
  /** Signature of the body; empty when there is none. */
  readonly signature: string;
  /** The whole message; the body stands at `bodyOffset` up to the end. */
  readonly bytes: Uint8Array;
  readonly bodyOffset: number;
  /** The file descriptors that came along, where all did. */
  readonly descriptors?: Descriptors | undefined;
}

const PROTOCOL_VERSION = 1;
const FIXED_LENGTH = 16;

/**
 * Writes a message into an empty writer.
 *
 * @throws InvalidValueError that names the header field or argument at fault; the writer must then be reset.
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
  // Their number stands before the body that says it.
  writer.reset();
  encodeOnce(writer, { ...header, unixFds }, codec, values);
  if (writer.descriptors.length !== unixFds) throw new InvalidValueError("the values change while they are read");
}

function encodeOnce(writer: Writer, header: Header, codec: ArgumentsCodec, values: readonly unknown[]): void {
  const { bytes } = templateOf(header, codec);
  writer.bytes(bytes);
  writer.patchU8(2, header.flags);
  writer.patchU32(8, header.serial);
  if (header.replySerial !== undefined) writer.patchU32(REPLY_SERIAL_AT, header.replySerial);
  codec.encode(writer, values);
  if (writer.offset > MAX_MESSAGE_LENGTH) {
    throw new ValueTooLargeError(
      `a message has at most ${MAX_MESSAGE_LENGTH} bytes, this one would have ${writer.offset}`,
    );
  }
  writer.patchU32(4, writer.offset - bytes.length);
}

/**
 * How many bytes the message has that starts at an offset; undefined when its first 16 are not there yet.
 *
 * @param end - Where what is there ends.
 * @throws MalformedMessageError when no message begins so.
 */
export function messageLength(bytes: Uint8Array, start = 0, end = bytes.length): number | undefined {
  if (end - start < FIXED_LENGTH) return undefined;
  const reader = READER.over(bytes, start, FIXED_LENGTH, isLittleEndian(bytes, start), 3);
  if (reader.u8() !== PROTOCOL_VERSION) throw new MalformedMessageError("the protocol version is not 1");
  const body = reader.u32();
  reader.u32();
  const fields = reader.u32();
  if (fields > MAX_ARRAY_LENGTH) throw new MalformedMessageError(`an array has at most ${MAX_ARRAY_LENGTH} bytes`);
  const length = alignTo8(FIXED_LENGTH + fields) + body;
  if (length > MAX_MESSAGE_LENGTH) throw new MalformedMessageError(`a message has at most ${MAX_MESSAGE_LENGTH} bytes`);
  return length;
}

/** A message in memory that it may share with others. */
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
  readonly #memory: Uint8Array;
  readonly #start: number;
  readonly #length: number;

  constructor(memory: Uint8Array, start: number, length: number) {
    this.#memory = memory;
    this.#start = start;
    this.#length = length;
  }

  get bytes(): Uint8Array {
    return this.#memory.subarray(this.#start, this.#start + this.#length);
  }

  /** Reads on from an offset in the message. */
  read(offset: number): Reader {
    return READER.over(this.#memory, this.#start, this.#length, isLittleEndian(this.#memory, this.#start), offset);
  }
}

/** Reading never calls out, so one reader does for all messages. */
const READER = new Reader(new Uint8Array(0), true);

/**
 * Reads the header of a whole message. The body is read by `readBody`.
 *
 * @throws MalformedMessageError when it is not one.
 */
export function decodeMessage(bytes: Uint8Array): Message {
  if (messageLength(bytes) !== bytes.length)
    throw new MalformedMessageError("the message does not have the length it says");
  return decodeAt(bytes, 0, bytes.length);
}

/** The same message in memory of its own, where it can wait without holding what came with it. */
export function keepMessage(message: Message): Message {
  const { bytes, descriptors } = message;
  const kept = decodeAt(Uint8Array.from(bytes), 0, bytes.length);
  kept.descriptors = descriptors;
  return kept;
}

/** As `decodeMessage`, of a message whose length `messageLength` gave; the memory must not change any more. */
export function decodeAt(memory: Uint8Array, start: number, length: number): ReceivedMessage {
  const message = new ReceivedMessage(memory, start, length);
  const reader = message.read(1);
  message.type = reader.u8();
  message.flags = reader.u8();
  reader.offset = 8;
  message.serial = reader.u32();
  if (message.type === 0) throw new MalformedMessageError("the message type is 0");
  if (message.serial === 0) throw new MalformedMessageError("the serial is 0");
  decodeFields(reader, message);
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
 * Reads the body of a message with the codec of its signature.
 *
 * @param descriptors - Those of the message, where values of type `h` may be read; they are not kept yet.
 * @throws MalformedMessageError, or MissingDescriptorError when a value of type `h` came without its file descriptor.
 */
export function readBody(message: Message, codec: ArgumentsCodec, descriptors?: Descriptors): unknown[] {
  const reader = bodyReader(message);
  reader.descriptors = descriptors;
  const values = codec.decode(reader);
  reader.finish();
  if (reader.lacksDescriptor) throw new MissingDescriptorError();
  return values;
}

/** As `readBody`, and keeps the file descriptors that it reads: they are the caller's from then on. */
export function takeBody(message: Message, codec: ArgumentsCodec): unknown[] {
  const values = readBody(message, codec, message.descriptors);
  message.descriptors?.keep();
  return values;
}

/** The first argument of an error, where it is a string, else the empty text. */
export function errorText(message: Message): string {
  if (!message.signature.startsWith("s")) return "";
  return bodyReader(message).string();
}

function bodyReader(message: Message): Reader {
  if (message instanceof ReceivedMessage) return message.read(message.bodyOffset);
  const { bytes, bodyOffset } = message;
  return READER.over(bytes, 0, bytes.length, isLittleEndian(bytes, 0), bodyOffset);
}

function isLittleEndian(bytes: Uint8Array, start: number): boolean {
  if (bytes[start] === 0x6c) return true;
  if (bytes[start] === 0x42) return false;
  throw new MalformedMessageError("the byte order is neither little nor big endian");
}

function alignTo8(offset: number): number {
  return (offset + 7) & -8;
}
