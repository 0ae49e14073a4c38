import type { ArgumentsCodec } from "./arguments-codec.ts";
import { assertSyntax } from "./assert-syntax.ts";
import { InvalidValueError } from "./errors.ts";
import type { Header } from "./header.ts";
import { isLocal, missingField } from "./header-fields.ts";
import { isBusName, isErrorName, isInterfaceName, isMemberName, isObjectPath } from "./name-syntax.ts";
import { Writer } from "./writer.ts";

/** An encoded header, checked, but for what changes from message to message: flags, serials and body length. */
export interface HeaderTemplate {
  /** Up to the body, padding included. */
  readonly bytes: Uint8Array;
  /** What it was made from. */
  readonly header: Header;
}

/** Where the reply serial stands in the headers that have one: it comes first. */
export const REPLY_SERIAL_AT = 20;
const FIXED_LENGTH = 16;
const PROTOCOL_VERSION = 1;
/** Callers choose some of the headers, so what is remembered of one codec is bounded. */
const MAX_KNOWN = 64;

/** Templates by the codec of the body, the one used last in front. Codecs belong to members, so each has few. */
const known = new WeakMap<ArgumentsCodec, HeaderTemplate[]>();

/**
 * The header of messages like this one, with a body by this codec; made at first use and then remembered.
 *
 * @throws InvalidValueError that names the header field at fault.
 */
export function templateOf(header: Header, codec: ArgumentsCodec): HeaderTemplate {
  let templates = known.get(codec);
  if (templates === undefined) {
    templates = [];
    known.set(codec, templates);
  }
  const [last] = templates;
  if (last !== undefined && isLike(last.header, header)) return last;
  const at = templates.findIndex((template) => isLike(template.header, header));
  const [found = makeTemplate(header, codec)] = at < 0 ? [] : templates.splice(at, 1);
  templates.unshift(found);
  if (templates.length > MAX_KNOWN) templates.pop();
  return found;
}

function isLike(a: Header, b: Header): boolean {
  return (
    a.destination === b.destination &&
    a.path === b.path &&
    a.member === b.member &&
    a.interface === b.interface &&
    a.type === b.type &&
    a.errorName === b.errorName &&
    a.sender === b.sender &&
    a.unixFds === b.unixFds &&
    (a.replySerial === undefined) === (b.replySerial === undefined)
  );
}

const TEMPLATES = new Writer();

function makeTemplate(header: Header, codec: ArgumentsCodec): HeaderTemplate {
  checkHeader(header);
  const writer = TEMPLATES;
  writer.reset();
  writer.u8("l".charCodeAt(0));
  writer.u8(header.type);
  writer.u8(0);
  writer.u8(PROTOCOL_VERSION);
  for (const unknownYet of [0, 0, 0]) writer.u32(unknownYet);
  if (header.replySerial !== undefined) {
    beginField(writer, 5, "u");
    writer.u32(0);
  }
  textField(writer, 1, "o", header.path);
  textField(writer, 2, "s", header.interface);
  textField(writer, 3, "s", header.member);
  textField(writer, 4, "s", header.errorName);
  textField(writer, 6, "s", header.destination);
  textField(writer, 7, "s", header.sender);
  if (codec.length > 0) {
    beginField(writer, 8, "g");
    writer.signature(codec.signature);
  }
  if (header.unixFds !== undefined) {
    beginField(writer, 9, "u");
    writer.u32(header.unixFds);
  }
  writer.patchU32(12, writer.offset - FIXED_LENGTH);
  writer.align(8);
  return { bytes: writer.finish(), header };
}

function checkHeader(header: Header): void {
  const missing = missingField(header.type, header);
  if (missing !== undefined) throw new InvalidValueError(`the message needs ${missing}`);
  assertSyntax(header.path, isObjectPath, "path", "an object path");
  assertSyntax(header.interface, isInterfaceName, "interface", "an interface name");
  assertSyntax(header.member, isMemberName, "member", "a member name");
  assertSyntax(header.errorName, isErrorName, "error name", "an error name");
  assertSyntax(header.destination, isBusName, "destination", "a bus name");
  if (isLocal(header)) throw new InvalidValueError("org.freedesktop.DBus.Local and its path must not be sent");
}

function beginField(writer: Writer, code: number, type: "o" | "s" | "u" | "g"): void {
  writer.align(8);
  writer.u8(code);
  writer.signature(type);
}

function textField(writer: Writer, code: number, type: "o" | "s", text: string | undefined): void {
  if (text === undefined) return;
  beginField(writer, code, type);
  writer.string(text);
}
