/** D-Bus messages built byte by byte, because the runtime refuses to send most of what an attacker sends. */

/** Message types of the D-Bus specification, section "Message Format". */
export const MessageType = { call: 1, methodReturn: 2, error: 3, signal: 4 } as const;

/** Content of a little-endian message. */
export interface RawMessage {
  readonly type: (typeof MessageType)[keyof typeof MessageType];
  readonly serial: number;
  readonly path?: string;
  readonly interface?: string;
  readonly member?: string;
  readonly errorName?: string;
  readonly replySerial?: number;
  readonly destination?: string;
  readonly signature?: string;
  readonly body?: Buffer;
}

const NO_BODY = Buffer.alloc(0);

/** Returns the parts of a message, to be written one after the other. */
export function encodeRawMessage(message: RawMessage): readonly Buffer[] {
  const { type, serial, body = NO_BODY } = message;
  const fields = new RawWriter();
  fields.text(1, "o", message.path);
  fields.text(2, "s", message.interface);
  fields.text(3, "s", message.member);
  fields.text(4, "s", message.errorName);
  if (message.replySerial !== undefined) fields.field(5, "u").uint32(message.replySerial);
  fields.text(6, "s", message.destination);
  if (message.signature !== undefined) fields.field(8, "g").signature(message.signature);
  const fixed = Buffer.alloc(16);
  fixed.write("l");
  fixed[1] = type;
  fixed[3] = 1;
  fixed.writeUInt32LE(body.length, 4);
  fixed.writeUInt32LE(serial, 8);
  fixed.writeUInt32LE(fields.size, 12);
  return [fixed, ...fields.padded(), body];
}

/** Writes values of the D-Bus wire format at increasing offsets. */
export class RawWriter {
  readonly #parts: Buffer[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  align(alignment: number): this {
    return this.bytes(Buffer.alloc((alignment - (this.#size % alignment)) % alignment));
  }

  bytes(bytes: Buffer): this {
    this.#parts.push(bytes);
    this.#size += bytes.length;
    return this;
  }

  uint32(value: number): this {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    return this.align(4).bytes(bytes);
  }

  string(text: string): this {
    const bytes = Buffer.from(`${text}\0`, "latin1");
    return this.uint32(bytes.length - 1).bytes(bytes);
  }

  signature(text: string): this {
    return this.bytes(Buffer.from([text.length])).bytes(Buffer.from(`${text}\0`, "latin1"));
  }

  /** Begins a header field with a code and the type of its value. */
  field(code: number, type: string): this {
    return this.align(8)
      .bytes(Buffer.from([code]))
      .signature(type);
  }

  /** Writes a header field with a text, unless it is undefined. */
  text(code: number, type: string, text: string | undefined): void {
    if (text !== undefined) this.field(code, type).string(text);
  }

  /** Writes an array of values that consist of zero bytes only. */
  zeros(byteLength: number, elementAlignment: number): this {
    return this.uint32(byteLength).align(elementAlignment).bytes(Buffer.alloc(byteLength));
  }

  toBuffer(): Buffer {
    return Buffer.concat(this.#parts);
  }

  /** Returns the parts, padded to a multiple of 8 bytes. */
  padded(): readonly Buffer[] {
    return this.align(8).#parts;
  }
}
