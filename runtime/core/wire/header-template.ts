import type { ArgumentsCodec } from "./arguments-codec.ts";
import { assertSyntax } from "./assert-syntax.ts";
import { InvalidValueError } from "./errors.ts";
import type { Header } from "./header.ts";
import { missingField, usesLocalName } from "./header-fields.ts";
import { isErrorName, isHeaderBusName, isInterfaceName, isMemberName, isObjectPath } from "./name-syntax.ts";
import { Writer } from "./writer.ts";

/**
 * An encoded, valid header. Messages share a template if their headers differ only in path, destination, flags, serials
 * and body length.
 */
interface HeaderTemplate {
  /** The header from which the template was encoded. */
  readonly header: Header;
  /** Encoded bytes before the fields path and destination. */
  readonly before: Uint8Array;
  /**
   * Encoded fields after path and destination, and the final padding. Each field is aligned to 8 bytes, so the fields
   * can follow a path and destination of any length.
   */
  readonly after: Uint8Array;
  /** Length of the final padding in `after` in bytes. */
  readonly paddingLength: number;
  /** A whole encoded header, including padding, with the path and destination of `complete`. */
  bytes: Uint8Array;
  /** The header whose path and destination are in `bytes`. */
  complete: Header;
  /** Header of the last message, if its path or destination differed from `complete`. */
  other: Header | undefined;
}

/** Offset of the value of the reply serial, which is the first field of each header with a reply serial. */
export const REPLY_SERIAL_OFFSET = 20;
const FIXED_LENGTH = 16;
const FIELDS_LENGTH_OFFSET = 12;
const PROTOCOL_VERSION = 1;
/**
 * Maximum number of templates that are cached for one codec. The cache is bounded because callers choose some of the
 * headers.
 */
const MAX_CACHED_TEMPLATES = 64;

/** The templates of one codec. A codec belongs to a member, so it has few templates. */
interface TemplateCache {
  lastUsed: HeaderTemplate | undefined;
  /** The template that was used last for each member or error name. */
  readonly byName: Map<string | undefined, HeaderTemplate>;
}

const caches = new WeakMap<ArgumentsCodec, TemplateCache>();

/**
 * Writes a header into an empty writer, with zeros in place of flags, serials and body length. Headers are encoded at
 * first use and cached as templates. If a path or destination is new, only these texts are encoded. New texts replace
 * the texts of the template only when they occur twice in succession, because many clients call a service only once.
 *
 * @throws InvalidValueError that names the invalid header field.
 */
export function writeHeader(writer: Writer, header: Header, codec: ArgumentsCodec): void {
  const template = templateOf(header, codec);
  if (hasSameTexts(template.complete, header)) {
    template.other = undefined;
    writer.bytes(template.bytes);
    return;
  }
  checkTexts(header, template.complete);
  writeWith(writer, header, template);
  if (hasSameTexts(template.other, header)) {
    template.bytes = writer.copyBytes();
    template.complete = header;
  }
  template.other = header;
}

/** Writes a header from the parts of a template, with the path and destination of `header`. */
function writeWith(
  writer: Writer,
  { path, destination }: Header,
  { before, after, paddingLength }: Pick<HeaderTemplate, "before" | "after" | "paddingLength">,
): void {
  writer.bytes(before);
  textField(writer, 1, "o", path);
  textField(writer, 6, "s", destination);
  if (after.length > 0) {
    writer.align(8);
    writer.bytes(after);
  }
  writer.patchU32(FIELDS_LENGTH_OFFSET, writer.offset - paddingLength - FIXED_LENGTH);
  writer.align(8);
}

function hasSameTexts(known: Header | undefined, { path, destination }: Header): boolean {
  return known !== undefined && known.path === path && known.destination === destination;
}

/**
 * Returns a cached or new template for a header. The path and destination of the template may differ from those of the
 * header.
 */
function templateOf(header: Header, codec: ArgumentsCodec): HeaderTemplate {
  let cache = caches.get(codec);
  if (cache === undefined) {
    cache = { lastUsed: undefined, byName: new Map() };
    caches.set(codec, cache);
  }
  const { lastUsed, byName } = cache;
  if (isFor(lastUsed, header)) return lastUsed;
  const name = header.member ?? header.errorName;
  let template = byName.get(name);
  if (!isFor(template, header)) {
    template = encodeTemplate(header, codec);
    if (byName.size >= MAX_CACHED_TEMPLATES) byName.clear();
    byName.set(name, template);
  }
  cache.lastUsed = template;
  return template;
}

/**
 * Returns whether a header differs from the header of a template only in path, destination, flags, serials and body
 * length.
 */
function isFor(template: HeaderTemplate | undefined, header: Header): template is HeaderTemplate {
  if (template === undefined) return false;
  const { header: encoded } = template;
  return (
    encoded.member === header.member &&
    encoded.interface === header.interface &&
    encoded.type === header.type &&
    encoded.errorName === header.errorName &&
    encoded.sender === header.sender &&
    encoded.unixFds === header.unixFds &&
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
  const before = writer.copyBytes();
  writer.reset();
  textField(writer, 2, "s", header.interface);
  textField(writer, 3, "s", header.member);
  textField(writer, 4, "s", header.errorName);
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
  writer.align(8);
  const parts = { before, after: writer.copyBytes(), paddingLength: writer.offset - end };
  writer.reset();
  writeWith(writer, header, parts);
  return { ...parts, header, bytes: writer.copyBytes(), complete: header, other: undefined };
}

function checkHeader(header: Header): void {
  checkTexts(header);
  assertSyntax(header.interface, isInterfaceName, "interface", "an interface name");
  assertSyntax(header.member, isMemberName, "member", "a member name");
  assertSyntax(header.errorName, isErrorName, "error name", "an error name");
}

/**
 * Throws InvalidValueError if the path or destination of a header is invalid.
 *
 * @param valid - A valid header. Texts that are equal to its texts are not checked.
 */
function checkTexts(header: Header, valid?: Header): void {
  const missing = missingField(header.type, header);
  if (missing !== undefined) throw new InvalidValueError(`the message needs ${missing}`);
  if (header.path !== valid?.path) assertSyntax(header.path, isObjectPath, "path", "an object path");
  if (usesLocalName(header)) throw new InvalidValueError("org.freedesktop.DBus.Local and its path must not be sent");
  if (header.destination !== valid?.destination)
    assertSyntax(header.destination, isHeaderBusName, "destination", "a bus name");
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
