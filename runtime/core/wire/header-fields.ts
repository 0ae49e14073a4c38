import { codecOf } from "./compile-codec.ts";
import { describe, MalformedMessageError } from "./errors.ts";
import { isBusName, isErrorName, isInterfaceName, isMemberName, isObjectPath } from "./name-syntax.ts";
import type { Reader } from "./reader.ts";
import { TextCache } from "./text-cache.ts";

/** The fields of a header that are known. */
export interface FieldValues {
  path: string | undefined;
  interface: string | undefined;
  member: string | undefined;
  errorName: string | undefined;
  replySerial: number | undefined;
  destination: string | undefined;
  sender: string | undefined;
  signature: string | undefined;
  unixFds: number | undefined;
}
type FieldName = keyof FieldValues;

const LOCAL_PATH = "/org/freedesktop/DBus/Local";
const LOCAL_INTERFACE = "org.freedesktop.DBus.Local";
/** Names and codes of the header fields by their code, and the types that they must have. */
const NAMES = [
  "",
  "path",
  "interface",
  "member",
  "errorName",
  "replySerial",
  "destination",
  "sender",
  "signature",
  "unixFds",
];
const TYPES = [0, ..."osssussgu"].map((type) => String(type).charCodeAt(0));

const PATHS = new TextCache();
const INTERFACES = new TextCache();
const MEMBERS = new TextCache();
const ERROR_NAMES = new TextCache();
const BUS_NAMES = new TextCache();
const isPath = (path: string): boolean => path !== LOCAL_PATH && isObjectPath(path);
const isInterface = (name: string): boolean => name !== LOCAL_INTERFACE && isInterfaceName(name);

/** Fields that a message needs, by its type. */
const REQUIRED: readonly (readonly FieldName[])[] = [
  [],
  ["path", "member"],
  ["replySerial"],
  ["errorName", "replySerial"],
  ["path", "interface", "member"],
];

/** Reads the header fields into an object that has none yet; each must have its type, be valid and come once. */
export function decodeFields(reader: Reader, into: FieldValues): void {
  const end = reader.arrayEnd(8);
  let seen = 0;
  while (reader.offset < end) {
    reader.align(8);
    const code = reader.u8();
    if (code === 0) throw new MalformedMessageError("a header field has code 0");
    // Fields of a later version of the protocol are read, so as to check them, and ignored.
    if (code >= NAMES.length) {
      codecOf("v").decode(reader);
      continue;
    }
    checkType(reader, code);
    if ((seen & (1 << code)) !== 0) throw fault(code, "comes twice");
    seen |= 1 << code;
    decodeField(reader, code, into);
  }
  reader.finishArray(end);
}

function decodeField(reader: Reader, code: number, into: FieldValues): void {
  switch (code) {
    case 1:
      into.path = valid(reader.name(PATHS, isPath), code);
      break;
    case 2:
      into.interface = valid(reader.name(INTERFACES, isInterface), code);
      break;
    case 3:
      into.member = valid(reader.name(MEMBERS, isMemberName), code);
      break;
    case 4:
      into.errorName = valid(reader.name(ERROR_NAMES, isErrorName), code);
      break;
    case 5:
      into.replySerial = reader.u32();
      break;
    case 6:
      into.destination = valid(reader.name(BUS_NAMES, isBusName), code);
      break;
    case 7:
      into.sender = valid(reader.name(BUS_NAMES, isBusName), code);
      break;
    case 8:
      into.signature = valid(reader.validSignature(), code);
      break;
    default:
      into.unixFds = reader.u32();
  }
}

function checkType(reader: Reader, code: number): void {
  const type = reader.code();
  if (type !== undefined && type === TYPES[code]) return;
  const signature = type === undefined ? reader.signature() : String.fromCharCode(type);
  throw fault(code, `has type ${describe(signature)}`);
}

function valid(text: string | undefined, code: number): string {
  if (text === undefined) throw fault(code, "is not valid");
  return text;
}

function fault(code: number, what: string): MalformedMessageError {
  return new MalformedMessageError(`the header field ${NAMES[code]} ${what}`);
}

/** A field that a message of the type needs and does not have. */
export function missingField(type: number, fields: Partial<FieldValues>): string | undefined {
  for (const name of REQUIRED[type] ?? []) if (fields[name] === undefined) return name;
  return undefined;
}

/** Whether a header uses the names that stand for the inside of a program and never travel. */
export function isLocal(fields: Partial<FieldValues>): boolean {
  return fields.path === LOCAL_PATH || fields.interface === LOCAL_INTERFACE;
}
