import type { ArgumentsCodec } from "./arguments-codec.ts";
import { assertSyntax } from "./assert-syntax.ts";
import { InvalidValueError } from "./errors.ts";
import type { Header } from "./header.ts";
import { missingField, usesLocalName } from "./header-fields.ts";
import { isErrorName, isHeaderBusName, isInterfaceName, isMemberName, isObjectPath } from "./name-syntax.ts";
import { Writer } from "./writer.ts";

/** An encoded, valid header. Messages with the same header except path, flags, serials and body length share it. */
interface HeaderTemplate {
  /** All bytes before the body, padding included. */
  readonly bytes: Uint8Array;
  /** Bytes before the path. */
  readonly beforePath: Uint8Array;
  /** Fields after the path with the final padding. Each field is aligned to 8 bytes, so they can follow any path. */
  readonly afterPath: Uint8Array;
  /** Bytes of the final padding. */
  readonly paddingLength: number;
  /** Header that the bytes were encoded from. */
  readonly header: Header;
  /** Path of the last message, if it was another. */
  otherPath: string | undefined;
}

/** Offset of the reply serial in headers that have one: it is the first field. */
export const REPLY_SERIAL_OFFSET = 20;
const FIXED_LENGTH = 16;
const FIELDS_LENGTH_OFFSET = 12;
const PROTOCOL_VERSION = 1;
/** Most templates that are cached for one codec. The cache is bounded because callers choose some of the headers. */
const MAX_CACHED_TEMPLATES = 64;

/** The templates of one codec. Codecs belong to members, so each has few. */
interface TemplateCache {
  lastUsed: HeaderTemplate | undefined;
  /** The last template of each destination. */
  readonly byDestination: Map<string | undefined, HeaderTemplate>;
}

const caches = new WeakMap<ArgumentsCodec, TemplateCache>();

/**
 * Writes a header into an empty writer, with zeros in place of flags, serials and body length. Headers are encoded at first
 * use and cached.
 *
 * @throws InvalidValueError that names the invalid header field.
 */
export function writeHeader(writer: Writer, header: Header, codec: ArgumentsCodec): void {
  const template = templateOf(header, codec);
  if (template.header.path === header.path) {
    writer.bytes(template.bytes);
    return;
  }
  checkPath(header);
  writer.bytes(template.beforePath);
  textField(writer, 1, "o", header.path);
  writer.align(8);
  writer.bytes(template.afterPath);
  writer.patchU32(FIELDS_LENGTH_OFFSET, writer.offset - template.paddingLength - FIXED_LENGTH);
}

/** Returns a template for a header. Its path may be another one, unless successive messages have this path. */
function templateOf(header: Header, codec: ArgumentsCodec): HeaderTemplate {
  let cache = caches.get(codec);
  if (cache === undefined) {
    cache = { lastUsed: undefined, byDestination: new Map() };
    caches.set(codec, cache);
  }
  const { lastUsed, byDestination } = cache;
  let template = isFor(lastUsed, header) ? lastUsed : byDestination.get(header.destination);
  const isOtherPath = template?.header.path !== header.path;
  if (!isFor(template, header) || (isOtherPath && template.otherPath === header.path)) {
    template = encodeTemplate(header, codec);
    if (byDestination.size >= MAX_CACHED_TEMPLATES) byDestination.clear();
    byDestination.set(header.destination, template);
  } else template.otherPath = isOtherPath ? header.path : undefined;
  cache.lastUsed = template;
  return template;
}

/** Returns whether a header differs from that of a template only in path, flags, serials and body length. */
function isFor(template: HeaderTemplate | undefined, header: Header): template is HeaderTemplate {
  if (template === undefined) return false;
  const { header: encoded } = template;
  return (
    encoded.destination === header.destination &&
    encoded.member === header.member &&
    encoded.interface === header.interface &&
    encoded.type === header.type &&
    encoded.errorName === header.errorName &&
    encoded.sender === header.sender &&
    encoded.unixFds === header.unixFds &&
    (encoded.path === undefined) === (header.path === undefined) &&
    (encoded.replySerial === undefined) === (header.replySerial === undefined)
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
  const pathStart = writer.offset;
  textField(writer, 1, "o", header.path);
  writer.align(8);
  const pathEnd = writer.offset;
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
  const end = writer.offset;
  writer.patchU32(FIELDS_LENGTH_OFFSET, end - FIXED_LENGTH);
  writer.align(8);
  const bytes = writer.copyBytes();
  return {
    bytes,
    beforePath: bytes.subarray(0, pathStart),
    afterPath: bytes.subarray(pathEnd),
    paddingLength: bytes.length - end,
    header,
    otherPath: undefined,
  };
}

function checkHeader(header: Header): void {
  const missing = missingField(header.type, header);
  if (missing !== undefined) throw new InvalidValueError(`the message needs ${missing}`);
  checkPath(header);
  assertSyntax(header.interface, isInterfaceName, "interface", "an interface name");
  assertSyntax(header.member, isMemberName, "member", "a member name");
  assertSyntax(header.errorName, isErrorName, "error name", "an error name");
  assertSyntax(header.destination, isHeaderBusName, "destination", "a bus name");
}

function checkPath(header: Header): void {
  assertSyntax(header.path, isObjectPath, "path", "an object path");
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
