import { BASIC_CODECS } from "./basic.ts";
import type { Codec } from "./codec.ts";
import { codecOf } from "./compile.ts";
import { describe, MalformedMessageError } from "./faults.ts";
import { isBusName, isErrorName, isInterfaceName, isMemberName } from "./names.ts";
import type { Reader } from "./reader.ts";
import { isSignature } from "./signature.ts";

type FieldName =
  | "path"
  | "interface"
  | "member"
  | "errorName"
  | "replySerial"
  | "destination"
  | "sender"
  | "signature"
  | "unixFds";

interface Field {
  readonly name: FieldName;
  readonly codec: Codec;
  /** Whether a value of the right type is also a valid one. */
  readonly isValid: (value: string) => boolean;
}

const field = (name: FieldName, type: "o" | "s" | "u" | "g", isValid: (value: string) => boolean): Field => ({
  name,
  codec: BASIC_CODECS[type],
  isValid,
});
const LOCAL_PATH = "/org/freedesktop/DBus/Local";
const LOCAL_INTERFACE = "org.freedesktop.DBus.Local";
/** Header fields by their code. */
const FIELDS: readonly (Field | undefined)[] = [
  undefined,
  field("path", "o", (path) => path !== LOCAL_PATH),
  field("interface", "s", (name) => name !== LOCAL_INTERFACE && isInterfaceName(name)),
  field("member", "s", isMemberName),
  field("errorName", "s", isErrorName),
  field("replySerial", "u", () => true),
  field("destination", "s", isBusName),
  field("sender", "s", isBusName),
  field("signature", "g", isSignature),
  field("unixFds", "u", () => true),
];
/** Fields that a message needs, by its type. */
const REQUIRED: readonly (readonly FieldName[])[] = [
  [],
  ["path", "member"],
  ["replySerial"],
  ["errorName", "replySerial"],
  ["path", "interface", "member"],
];

/** The fields of a header that are known. */
export interface FieldValues {
  path?: string;
  interface?: string;
  member?: string;
  errorName?: string;
  replySerial?: number;
  destination?: string;
  sender?: string;
  signature?: string;
  unixFds?: number;
}

/** Reads the header fields; each must have its type, be valid and come once. */
export function decodeFields(reader: Reader): FieldValues {
  const fields: FieldValues = {};
  const end = reader.arrayEnd(8);
  while (reader.offset < end) {
    reader.align(8);
    const code = reader.u8();
    if (code === 0) throw new MalformedMessageError("a header field has code 0");
    const field = FIELDS[code];
    // Fields of a later version of the protocol are read, so as to check them, and ignored.
    if (field === undefined) codecOf("v").decode(reader);
    else decodeField(reader, field, reader.signature(), fields);
  }
  reader.finishArray(end);
  return fields;
}

function decodeField(reader: Reader, { name, codec, isValid }: Field, signature: string, into: FieldValues): void {
  if (signature !== codec.signature)
    throw new MalformedMessageError(`the header field ${name} has type ${describe(signature)}`);
  if (into[name] !== undefined) throw new MalformedMessageError(`the header field ${name} comes twice`);
  const value = codec.decode(reader);
  if (typeof value === "string" && !isValid(value))
    throw new MalformedMessageError(`the header field ${name} is not valid`);
  Reflect.set(into, name, value);
}

/** A field that a message of the type needs and does not have. */
export function missingField(type: number, fields: FieldValues): string | undefined {
  return REQUIRED[type]?.find((name) => fields[name] === undefined);
}

/** Whether a header uses the names that stand for the inside of a program and never travel. */
export function isLocal(fields: FieldValues): boolean {
  return fields.path === LOCAL_PATH || fields.interface === LOCAL_INTERFACE;
}
