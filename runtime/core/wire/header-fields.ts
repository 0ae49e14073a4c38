import { codecOf } from "./compile-codec.ts";
import { describeValue, MalformedMessageError } from "./errors.ts";
import { MAX_NAME_LENGTH, MAX_RECEIVED_NAME_LENGTH } from "./limits.ts";
import { isErrorName, isHeaderBusName, isInterfaceName, isMemberName, isObjectPath } from "./name-syntax.ts";
import type { Reader } from "./reader.ts";
import { TextCache } from "./text-cache.ts";

/** The header fields that the specification defines (D-Bus specification, "Header Fields"). */
export interface HeaderFields {
  path: string | undefined;
  interface: string | undefined;
  member: string | undefined;
  errorName: string | undefined;
  replySerial: number | undefined;
  destination: string | undefined;
  sender: string | undefined;
  signature: string | undefined;
  unixFds: number | undefined;
  /** Whether the header has a path that is too long to be used. `path` is then empty. */
  isPathTooLong: boolean;
}
type FieldName = Exclude<keyof HeaderFields, "isPathTooLong">;

const LOCAL_PATH = "/org/freedesktop/DBus/Local";
const LOCAL_INTERFACE = "org.freedesktop.DBus.Local";
/** Names of the header fields by their code. */
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
  "containerInstance",
];
/** Type codes of the header fields by their field code. */
const TYPES = [0, ..."osssussguo"].map((type) => String(type).charCodeAt(0));

/**
 * Maximum length of header fields of later protocol versions that are validated. Longer fields are skipped without
 * decoding, which would take memory.
 */
const MAX_VALIDATED_FIELD_LENGTH = 2 ** 12;
const VARIANT = { kind: "variant", signature: "v" } as const;

const PATHS = new TextCache();
const INTERFACES = new TextCache();
const MEMBERS = new TextCache();
const ERROR_NAMES = new TextCache();
const BUS_NAMES = new TextCache();
const isPath = (path: string): boolean => path !== LOCAL_PATH && isObjectPath(path);
const isInterface = (name: string): boolean => name !== LOCAL_INTERFACE && isInterfaceName(name);

/** Required header fields, indexed by message type. */
const REQUIRED: readonly (readonly FieldName[])[] = [
  [],
  ["path", "member"],
  ["replySerial"],
  ["errorName", "replySerial"],
  ["path", "interface", "member"],
];

/**
 * Reads the header fields into an object. Throws MalformedMessageError if a field is invalid, is repeated or has
 * another type.
 */
export function decodeHeaderFields(reader: Reader, into: HeaderFields): void {
  const end = reader.arrayEnd(8);
  let seen = 0;
  while (reader.offset < end) {
    reader.align(8);
    const code = reader.u8();
    if (code === 0) throw new MalformedMessageError("a header field has code 0");
    // Fields of a later protocol version are validated and ignored.
    if (code >= NAMES.length) {
      skipUnknownField(reader, end);
      continue;
    }
    checkType(reader, code);
    if ((seen & (1 << code)) !== 0) throw fieldError(code, "comes twice");
    seen |= 1 << code;
    decodeField(reader, code, into);
  }
  reader.assertArrayEnd(end);
}

function skipUnknownField(reader: Reader, end: number): void {
  if (end - reader.offset <= MAX_VALIDATED_FIELD_LENGTH) codecOf("v").decode(reader);
  else reader.skip([VARIANT]);
}

function decodeField(reader: Reader, code: number, into: HeaderFields): void {
  switch (code) {
    case 1:
      into.path = decodePath(reader, into);
      break;
    case 2:
      into.interface = valid(reader.validString(INTERFACES, isInterface, MAX_NAME_LENGTH), code);
      break;
    case 3:
      into.member = valid(reader.validString(MEMBERS, isMemberName, MAX_NAME_LENGTH), code);
      break;
    case 4:
      into.errorName = valid(reader.validString(ERROR_NAMES, isErrorName, MAX_NAME_LENGTH), code);
      break;
    case 5:
      into.replySerial = reader.u32();
      break;
    case 6:
      into.destination = valid(reader.validString(BUS_NAMES, isHeaderBusName, MAX_NAME_LENGTH), code);
      break;
    case 7:
      into.sender = valid(reader.validString(BUS_NAMES, isHeaderBusName, MAX_NAME_LENGTH), code);
      break;
    case 8:
      into.signature = valid(reader.validSignature(), code);
      break;
    case 9:
      into.unixFds = reader.u32();
      break;
    default:
      // The container instance is validated and not stored: no bus sends it yet.
      codecOf("o").decode(reader);
  }
}

/** Reads a path. Returns an empty text, without validating the path, if the path is too long to be used. */
function decodePath(reader: Reader, into: HeaderFields): string {
  const start = reader.offset;
  if (reader.u32() <= MAX_RECEIVED_NAME_LENGTH) {
    reader.offset = start;
    return valid(reader.validString(PATHS, isPath, MAX_RECEIVED_NAME_LENGTH), 1);
  }
  reader.offset = start;
  reader.stringUpTo(0);
  into.isPathTooLong = true;
  return "";
}

function checkType(reader: Reader, code: number): void {
  const type = reader.singleTypeCode();
  if (type !== undefined && type === TYPES[code]) return;
  const signature = type === undefined ? reader.signature() : String.fromCharCode(type);
  throw fieldError(code, `has type ${describeValue(signature)}`);
}

function valid(text: string | undefined, code: number): string {
  if (text === undefined) throw fieldError(code, "is not valid");
  return text;
}

function fieldError(code: number, problem: string): MalformedMessageError {
  return new MalformedMessageError(`the header field ${NAMES[code]} ${problem}`);
}

/** Returns the name of a required header field that a message of this type lacks; undefined if no field is missing. */
export function missingField(type: number, fields: Partial<HeaderFields>): string | undefined {
  for (const name of REQUIRED[type] ?? []) if (fields[name] === undefined) return name;
  return undefined;
}

/** Returns whether a header uses `org.freedesktop.DBus.Local` or its path, which must not be sent. */
export function usesLocalName(fields: Partial<HeaderFields>): boolean {
  return fields.path === LOCAL_PATH || fields.interface === LOCAL_INTERFACE;
}
