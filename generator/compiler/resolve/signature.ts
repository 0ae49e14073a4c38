import { type Type as Parsed, readSignature } from "@dbus-codegen-ts/runtime/grammar";
import type { Diagnostics } from "../diagnostics/diagnostic.ts";
import type { Span } from "../diagnostics/source.ts";
import type { Text } from "../read/introspection.ts";
import { shorten } from "../text/shorten.ts";

const HINTS: Readonly<Record<string, string>> = {
  code: "the codes are y b n q i u x t d s o g h v, a for arrays, ( ) for structs and a{ } for dictionaries",
  "dict-key": "use an array of structs, such as a(vs), or another key type",
  "dict-entry": "a dictionary is an array of dict entries, such as a{sv}",
  unterminated: "a dict entry has a basic key and one value, as in a{sv}; a struct has one or more fields, as in (us)",
  "empty-struct": "give the struct a field or remove it",
};

/** Reads the type of an argument, property or member: exactly one complete type. */
export function readSingleType(signature: Text, diagnostics: Diagnostics, what: string): Parsed | undefined {
  const result = readSignature(signature.value);
  if (!result.ok) {
    const { offset, length, reason, message } = result.fault;
    const hint = HINTS[reason];
    const span = within(signature, offset, Math.max(1, length));
    diagnostics.report("signature", span, `invalid signature "${shorten(signature.value)}" of ${what}: ${message}`, {
      ...(hint !== undefined && { hint }),
    });
    return undefined;
  }
  const [type, second] = result.types;
  if (type === undefined || second !== undefined) {
    const count = result.types.length === 0 ? "is empty" : `holds ${result.types.length} complete types`;
    const span =
      type === undefined
        ? signature.span
        : within(signature, type.signature.length, signature.value.length - type.signature.length);
    diagnostics.report("signature-single", span, `the type of ${what} ${count}, not one`, {
      hint:
        type === undefined
          ? "name one complete type, such as s"
          : `write several elements, or one struct: (${shorten(signature.value)})`,
    });
    return undefined;
  }
  return type;
}

/** A stretch of a text; the whole of it where the spec writes references inside. */
function within({ value, span }: Text, offset: number, length: number): Span {
  if (span.end - span.start !== value.length) return span;
  const start = Math.min(span.start + offset, span.end);
  return { source: span.source, start, end: Math.max(start, Math.min(start + length, span.end)) };
}
