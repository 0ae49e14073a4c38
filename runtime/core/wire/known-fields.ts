import { type HeaderFields, MessageType } from "./header.ts";
import type { Reader } from "./reader.ts";

/** Longest remembered fields in bytes. */
const MAX_LENGTH = 512;
const SLOTS = 32;

/**
 * The fields of an earlier header except its last, which is usually the sender, because the bus adds it. Calls of one
 * method by many clients begin with the same bytes, which need not be decoded and validated each time.
 */
class KnownFields {
  readonly #bytes = Buffer.allocUnsafeSlow(MAX_LENGTH);
  #length = 0;
  #isLittleEndian = true;
  /** Codes of the fields, as bits. */
  #seen = 0;
  readonly #fields: HeaderFields = {
    path: undefined,
    interface: undefined,
    member: undefined,
    errorName: undefined,
    replySerial: undefined,
    destination: undefined,
    sender: undefined,
    signature: undefined,
    unixFds: undefined,
    isPathTooLong: false,
  };

  /**
   * Reads these fields if a header begins with them and another field follows.
   *
   * @param end - Offset of the end of all fields.
   * @returns The codes of the fields that were read, as bits.
   */
  read(reader: Reader, end: number, into: HeaderFields): number {
    if (this.#length === 0 || reader.offset + this.#length >= end) return 0;
    if (reader.littleEndian !== this.#isLittleEndian || !reader.skipIfEqual(this.#bytes, this.#length)) return 0;
    copyFields(this.#fields, into, this.#seen);
    return this.#seen;
  }

  /**
   * Remembers the fields between two offsets.
   *
   * @param fields - Values of these fields, and of others.
   * @param seen - Codes of these fields, as bits.
   */
  remember(reader: Reader, start: number, end: number, fields: HeaderFields, seen: number): void {
    this.#length = 0;
    if (end - start > MAX_LENGTH || fields.isPathTooLong) return;
    this.#length = reader.copyTo(this.#bytes, start, end);
    this.#isLittleEndian = reader.littleEndian;
    this.#seen = seen;
    copyFields(fields, this.#fields, seen);
  }
}

/** Copies the fields whose bits are set. */
function copyFields(from: HeaderFields, to: HeaderFields, seen: number): void {
  if (seen & (1 << 1)) to.path = from.path;
  if (seen & (1 << 2)) to.interface = from.interface;
  if (seen & (1 << 3)) to.member = from.member;
  if (seen & (1 << 4)) to.errorName = from.errorName;
  if (seen & (1 << 5)) to.replySerial = from.replySerial;
  if (seen & (1 << 6)) to.destination = from.destination;
  if (seen & (1 << 7)) to.sender = from.sender;
  if (seen & (1 << 8)) to.signature = from.signature;
  if (seen & (1 << 9)) to.unixFds = from.unixFds;
}

const KNOWN = Array.from({ length: SLOTS }, () => new KnownFields());

/** Returns what a header is likely to begin with. Undefined for replies, which have different serials. */
export function likelyFields(type: number, fieldsLength: number): KnownFields | undefined {
  if (type !== MessageType.MethodCall && type !== MessageType.Signal) return undefined;
  return KNOWN[(type + fieldsLength) & (SLOTS - 1)];
}
