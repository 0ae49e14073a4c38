import { type ArgumentsCodec, NO_ARGUMENTS } from "./arguments.ts";
import { describe, InvalidValueError, MalformedMessageError, MissingDescriptorError } from "./faults.ts";
import { decodeFields, isLocal, missingField } from "./header-fields.ts";
import { MAX_ARRAY_LENGTH, MAX_MESSAGE_LENGTH } from "./limits.ts";
import { isBusName, isErrorName, isInterfaceName, isMemberName, isObjectPath } from "./names.ts";
import { Reader } from "./reader.ts";
import type { Writer } from "./writer.ts";

/** Message types (D-Bus specification, "Message Format"). Others may come and are ignored. */
export const MessageType = { MethodCall: 1, MethodReturn: 2, Error: 3, Signal: 4 } as const;
/** Message flags, to be combined by `|`. */
export const MessageFlag = { NoReplyExpected: 1, NoAutoStart: 2, AllowInteractiveAuthorization: 4 } as const;

/** The header of a message, without the signature and lengths that follow from its body. */
export interface Header {
  readonly type: number;
  readonly flags: number;
  readonly serial: number;
  readonly path?: string;
  readonly interface?: string;
  readonly member?: string;
  readonly errorName?: string;
  readonly replySerial?: number;
  readonly destination?: string;
  readonly sender?: string;
}

/** A message as it came: the header read and checked, the body still bytes. */
export interface Message extends Header {
  /** Signature of the body; empty when there is none. */
  readonly signature: string;
  /** The whole message; the body stands at `bodyOffset` up to the end. */
  readonly bytes: Uint8Array;
  readonly bodyOffset: number;
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
  checkHeader(header);
  writer.u8("l".charCodeAt(0));
  writer.u8(header.type);
  writer.u8(header.flags);
  writer.u8(PROTOCOL_VERSION);
  writer.u32(0);
  writer.u32(header.serial);
  writer.u32(0);
  if (header.path !== undefined) textField(writer, 1, "o", header.path);
  if (header.interface !== undefined) textField(writer, 2, "s", header.interface);
  if (header.member !== undefined) textField(writer, 3, "s", header.member);
  if (header.errorName !== undefined) textField(writer, 4, "s", header.errorName);
  if (header.replySerial !== undefined) {
    beginField(writer, 5, "u");
    writer.u32(header.replySerial);
  }
  if (header.destination !== undefined) textField(writer, 6, "s", header.destination);
  if (header.sender !== undefined) textField(writer, 7, "s", header.sender);
  if (codec.length > 0) {
    beginField(writer, 8, "g");
    writer.signature(codec.signature);
  }
  writer.patchU32(12, writer.offset - FIXED_LENGTH);
  writer.align(8);
  const bodyOffset = writer.offset;
  codec.encode(writer, values);
  if (writer.offset > MAX_MESSAGE_LENGTH) {
    throw new InvalidValueError(
      `a message has at most ${MAX_MESSAGE_LENGTH} bytes, this one would have ${writer.offset}`,
    );
  }
  writer.patchU32(4, writer.offset - bodyOffset);
}

/**
 * How many bytes the message has whose first bytes these are; undefined when 16 are not there yet.
 *
 * @throws MalformedMessageError when no message begins so.
 */
export function messageLength(bytes: Uint8Array): number | undefined {
  if (bytes.length < FIXED_LENGTH) return undefined;
  const reader = new Reader(bytes, isLittleEndian(bytes), 3);
  if (reader.u8() !== PROTOCOL_VERSION) throw new MalformedMessageError("the protocol version is not 1");
  const body = reader.u32();
  reader.u32();
  const fields = reader.u32();
  if (fields > MAX_ARRAY_LENGTH) throw new MalformedMessageError(`an array has at most ${MAX_ARRAY_LENGTH} bytes`);
  const length = alignTo8(FIXED_LENGTH + fields) + body;
  if (length > MAX_MESSAGE_LENGTH) throw new MalformedMessageError(`a message has at most ${MAX_MESSAGE_LENGTH} bytes`);
  return length;
}

/**
 * Reads the header of a whole message. The body is read by `readBody`.
 *
 * @throws MalformedMessageError when it is not one.
 */
export function decodeMessage(bytes: Uint8Array): Message {
  if (messageLength(bytes) !== bytes.length)
    throw new MalformedMessageError("the message does not have the length it says");
  const reader = new Reader(bytes, isLittleEndian(bytes), 1);
  const type = reader.u8();
  const flags = reader.u8();
  reader.offset = 8;
  const serial = reader.u32();
  if (type === 0) throw new MalformedMessageError("the message type is 0");
  if (serial === 0) throw new MalformedMessageError("the serial is 0");
  const fields = decodeFields(reader);
  const missing = missingField(type, fields);
  if (missing !== undefined) throw new MalformedMessageError(`the header field ${missing} is missing`);
  if (fields.replySerial === 0) throw new MalformedMessageError("the reply serial is 0");
  reader.align(8);
  const { signature = "", unixFds: _, ...rest } = fields;
  if (signature === "" && reader.offset !== bytes.length)
    throw new MalformedMessageError("there is a body without signature");
  return { type, flags, serial, ...rest, signature, bytes, bodyOffset: reader.offset };
}

/**
 * Reads the body of a message with the codec of its signature.
 *
 * @throws MalformedMessageError, or MissingDescriptorError when a value of type `h` came without its file descriptor.
 */
export function readBody(message: Message, codec: ArgumentsCodec): unknown[] {
  const reader = new Reader(message.bytes, isLittleEndian(message.bytes), message.bodyOffset);
  const values = codec.decode(reader);
  reader.finish();
  if (reader.lacksDescriptor) throw new MissingDescriptorError();
  return values;
}

/** The first argument of an error, where it is a string, else the empty text. */
export function errorText(message: Message): string {
  if (!message.signature.startsWith("s")) return "";
  return new Reader(message.bytes, isLittleEndian(message.bytes), message.bodyOffset).string();
}

function checkHeader(header: Header): void {
  const missing = missingField(header.type, header);
  if (missing !== undefined) throw new InvalidValueError(`the message needs ${missing}`);
  check(header.path, isObjectPath, "path", "an object path");
  check(header.interface, isInterfaceName, "interface", "an interface name");
  check(header.member, isMemberName, "member", "a member name");
  check(header.errorName, isErrorName, "error name", "an error name");
  check(header.destination, isBusName, "destination", "a bus name");
  if (isLocal(header)) throw new InvalidValueError("org.freedesktop.DBus.Local and its path must not be sent");
}

/** Throws InvalidValueError when a text is there and is not what it should be; `field` names it. */
export function check(
  text: string | undefined,
  isValid: (text: string) => boolean,
  field: string,
  expected: string,
): void {
  if (text === undefined || (typeof text === "string" && isValid(text))) return;
  throw new InvalidValueError(`${field}: expected ${expected}, got ${describe(text)}`);
}

function beginField(writer: Writer, code: number, type: "o" | "s" | "u" | "g"): void {
  writer.align(8);
  writer.u8(code);
  writer.signature(type);
}

function textField(writer: Writer, code: number, type: "o" | "s", text: string): void {
  beginField(writer, code, type);
  writer.string(text);
}

function isLittleEndian(bytes: Uint8Array): boolean {
  if (bytes[0] === 0x6c) return true;
  if (bytes[0] === 0x42) return false;
  throw new MalformedMessageError("the byte order is neither little nor big endian");
}

function alignTo8(offset: number): number {
  return Math.ceil(offset / 8) * 8;
}
