import { MAX_INTROSPECTION_BYTES } from "@dbus-codegen-ts/runtime/grammar";
import type { Diagnostics } from "../diagnostics/diagnostic.ts";
import { type Source, SourceText } from "../diagnostics/source.ts";

/** Decodes the bytes of a spec. Reports an invalid encoding or character and returns undefined. */
export function decode(source: Source, diagnostics: Diagnostics): SourceText | undefined {
  const { content, size = typeof content === "string" ? Buffer.byteLength(content) : content.length } = source;
  if (size > MAX_INTROSPECTION_BYTES) {
    const empty = new SourceText(source.path, "");
    diagnostics.report(
      "xml-too-large",
      { source: empty, start: 0, end: 0 },
      Number.isFinite(size)
        ? `the file has ${size} bytes; the limit is ${MAX_INTROSPECTION_BYTES}`
        : `the input has more than ${MAX_INTROSPECTION_BYTES} bytes, which is the limit`,
      { hint: "put each interface into a separate file" },
    );
    return undefined;
  }
  const text = typeof content === "string" ? content : decodeBytes(source.path, content, diagnostics);
  return text === undefined
    ? undefined
    : rejectForbiddenCharacters(new SourceText(source.path, text.replace(/^\uFEFF/, "")), diagnostics);
}

function decodeBytes(path: string, bytes: Uint8Array, diagnostics: Diagnostics): string | undefined {
  const start = (bytes[0] ?? 0) * 256 + (bytes[1] ?? 0);
  if (start === 0xfeff || start === 0xfffe) {
    const empty = new SourceText(path, "");
    diagnostics.report("xml-encoding", { source: empty, start: 0, end: 0 }, "the file is UTF-16", {
      hint: "save it as UTF-8",
    });
    return undefined;
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    const lossy = new SourceText(path, new TextDecoder().decode(bytes));
    const at = lossy.text.indexOf("\uFFFD");
    diagnostics.report("xml-encoding", { source: lossy, start: at, end: at + 1 }, "this byte is not valid UTF-8", {
      hint: "save the file as UTF-8",
    });
    return undefined;
  }
}

/** Characters that XML 1.0 does not allow, including unpaired surrogates. */
const FORBIDDEN =
  /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

/** Returns whether XML allows all characters of a text. */
export function hasOnlyXmlCharacters(text: string): boolean {
  return !FORBIDDEN.test(text);
}

function rejectForbiddenCharacters(source: SourceText, diagnostics: Diagnostics): SourceText | undefined {
  const at = source.text.search(FORBIDDEN);
  if (at === -1) return source;
  const code = source.text.charCodeAt(at).toString(16).toUpperCase().padStart(4, "0");
  diagnostics.report("xml-syntax", { source, start: at, end: at + 1 }, `XML does not allow the character U+${code}`);
  return undefined;
}
