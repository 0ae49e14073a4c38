import type { ArgumentsCodec } from "./arguments-codec.ts";
import { assertSyntax } from "./assert-syntax.ts";
import { InvalidValueError } from "./errors.ts";
import type { Header } from "./header.ts";
import { missingField, usesLocalName } from "./header-fields.ts";
import { isErrorName, isHeaderBusName, isInterfaceName, isMemberName, isObjectPath } from "./name-syntax.ts";
import { Writer } from "./writer.ts";

/** An encoded, valid header without the parts that differ between messages: flags, serials and body length. */
export interface HeaderTemplate {
  /** All bytes before the body, padding included. */
  readonly bytes: Uint8Array;
  /** Header that the bytes were encoded from. */
  readonly header: Header;
}

/** Offset of the reply serial in headers that have one: it is the first field. */
export const REPLY_SERIAL_OFFSET = 20;
const FIXED_LENGTH = 16;
const PROTOCOL_VERSION = 1;
/** Most templates that are cached for one codec. The cache is bounded because callers choose some of the headers. */
const MAX_CACHED_TEMPLATES = 64;

/** The templates of one codec. Codecs belong to members, so each has few. */
interface TemplateCache {
  lastUsed: HeaderTemplate | undefined;
  /** The last template of each receiver. */
  readonly byReceiver: Map<string, HeaderTemplate>;
}

const caches = new WeakMap<ArgumentsCodec, TemplateCache>();

/**
 * Returns the template for messages with this header and a body of this codec. It is encoded at first use and cached.
 *
 * @throws InvalidValueError that names the invalid header field.
 */
export function headerTemplateOf(header: Header, codec: ArgumentsCodec): HeaderTemplate {
  let cache = caches.get(codec);
  if (cache === undefined) {
    cache = { lastUsed: undefined, byReceiver: new Map() };
    caches.set(codec, cache);
  }
  const { lastUsed, byReceiver } = cache;
  if (lastUsed !== undefined && hasSameTemplate(lastUsed.header, header)) return lastUsed;
  const receiver = `${header.destination} ${header.path}`;
  const cached = byReceiver.get(receiver);
  const template =
    cached !== undefined && hasSameTemplate(cached.header, header) ? cached : encodeTemplate(header, codec);
  if (template !== cached) {
    if (byReceiver.size >= MAX_CACHED_TEMPLATES) byReceiver.clear();
    byReceiver.set(receiver, template);
  }
  cache.lastUsed = template;
  return template;
}

/** Returns whether two headers differ only in flags, serials and body length. */
function hasSameTemplate(a: Header, b: Header): boolean {
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

const templateWriter = new Writer();

function encodeTemplate(header: Header, codec: ArgumentsCodec): HeaderTemplate {
  checkHeader(header);
  const writer = templateWriter;
  writer.reset();
  writer.u8("l".charCodeAt(0));
  writer.u8(header.type);
  writer.u8(0);
  writer.u8(PROTOCOL_VERSION);
  // Placeholders for the body length, the serial and the length of the fields.
  for (const placeholder of [0, 0, 0]) writer.u32(placeholder);
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
  return { bytes: writer.copyBytes(), header };
}

function checkHeader(header: Header): void {
  const missing = missingField(header.type, header);
  if (missing !== undefined) throw new InvalidValueError(`the message needs ${missing}`);
  assertSyntax(header.path, isObjectPath, "path", "an object path");
  assertSyntax(header.interface, isInterfaceName, "interface", "an interface name");
  assertSyntax(header.member, isMemberName, "member", "a member name");
  assertSyntax(header.errorName, isErrorName, "error name", "an error name");
  assertSyntax(header.destination, isHeaderBusName, "destination", "a bus name");
  if (usesLocalName(header)) throw new InvalidValueError("org.freedesktop.DBus.Local and its path must not be sent");
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
