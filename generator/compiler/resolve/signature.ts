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
    const code = typeCodeOf(signature.value);
    const hint = code === undefined ? HINTS[reason] : `write type="${code}"`;
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

/** Type codes by the words that other languages use. */
const CODES_BY_WORD: ReadonlyMap<string, string> = new Map([
  ["byte", "y"],
  ["uint8", "y"],
  ["boolean", "b"],
  ["bool", "b"],
  ["int16", "n"],
  ["short", "n"],
  ["uint16", "q"],
  ["ushort", "q"],
  ["int", "i"],
  ["int32", "i"],
  ["integer", "i"],
  ["uint", "u"],
  ["uint32", "u"],
  ["int64", "x"],
  ["long", "x"],
  ["uint64", "t"],
  ["double", "d"],
  ["float", "d"],
  ["number", "d"],
  ["str", "s"],
  ["string", "s"],
  ["objectpath", "o"],
  ["path", "o"],
  ["signature", "g"],
  ["fd", "h"],
  ["unixfd", "h"],
  ["variant", "v"],
  ["any", "v"],
  ["bytes", "ay"],
  ["bytearray", "ay"],
  ["dict", "a{sv}"],
  ["dictionary", "a{sv}"],
  ["vardict", "a{sv}"],
  ["strings", "as"],
  ["stringlist", "as"],
]);

/** Returns the signature of a type of another language, such as `string` or `string[]`. */
function typeCodeOf(text: string): string | undefined {
  const isArray = text.endsWith("[]");
  const word = (isArray ? text.slice(0, -2) : text)
    .toLowerCase()
    .replace(/[\s_-]/g, "")
    .replace(/(?<=\d)t$/, "");
  const code = CODES_BY_WORD.get(word);
  return code !== undefined && isArray ? `a${code}` : code;
}

/** Returns the signature of a message with the given arguments. */
export function signatureOf(args: readonly { readonly type: Type }[]): string {
  return args.map(({ type }) => type.signature).join("");
}

/** Returns the span of a part of a text, or of the whole text if it contains character references. */
function subspan({ value, span }: Text, offset: number, length: number): Span {
  if (span.end - span.start !== value.length) return span;
  const start = Math.min(span.start + offset, span.end);
  return { source: span.source, start, end: Math.max(start, Math.min(start + length, span.end)) };
}
