import { type Type as Parsed, readSignature } from "@dbus-codegen-ts/runtime/grammar";
import type { Diagnostics } from "../diagnostics/diagnostic.ts";
import type { Span } from "../diagnostics/source.ts";
import type { Text } from "../read/introspection.ts";
import { shorten } from "../text/shorten.ts";
import type { Type } from "./ir.ts";

const HINTS: Readonly<Record<string, string>> = {
  code: "the codes are y b n q i u x t d s o g h v, a for arrays, ( ) for structs and a{ } for dictionaries",
  "dict-key": "use an array of structs, such as a(vs), or another key type",
  "dict-entry": "a dictionary is an array of dict entries, such as a{sv}",
  unterminated: "a dict entry has a basic key and one value, as in a{sv}; a struct has one or more fields, as in (us)",
  "empty-struct": "give the struct a field or remove it",
};

/**
 * Parses the type of an argument, property or member, which is exactly one complete type. Reports an invalid signature
 * and returns undefined.
 * @param owner - The declaration that has the type, for messages.
 */
export function readSingleType(signature: Text, diagnostics: Diagnostics, owner: string): Parsed | undefined {
  const result = readSignature(signature.value);
  if (!result.ok) {
    const { offset, length, reason, message } = result.problem;
    const hint = HINTS[reason];
    const span = subspan(signature, offset, Math.max(1, length));
    diagnostics.report("signature", span, `invalid signature "${shorten(signature.value)}" of ${owner}: ${message}`, {
      ...(hint !== undefined && { hint }),
    });
    return undefined;
  }
  const [type, second] = result.types;
  if (type === undefined) {
    diagnostics.report("signature-single", signature.span, `the type of ${owner} is empty, not one complete type`, {
      hint: "write one complete type, such as s",
    });
    return undefined;
  }
  if (second !== undefined) {
    const start = type.signature.length;
    const span = subspan(signature, start, signature.value.length - start);
    const message = `the type of ${owner} contains ${result.types.length} complete types, not one`;
    diagnostics.report("signature-single", span, message, {
      hint: `write several elements, or one struct: (${shorten(signature.value)})`,
    });
    return undefined;
  }
  return type;
}

/** Returns the concatenated signatures of arguments, as a message that carries them has it. */
export function signatureOf(args: readonly { readonly type: Type }[]): string {
  return args.map(({ type }) => type.signature).join("");
}

/** Returns the span of a part of a text, or of the whole text if it contains character references. */
function subspan({ value, span }: Text, offset: number, length: number): Span {
  if (span.end - span.start !== value.length) return span;
  const start = Math.min(span.start + offset, span.end);
  return { source: span.source, start, end: Math.max(start, Math.min(start + length, span.end)) };
}
