import {
  isInterfaceName,
  isMemberName,
  isPropertyName,
  MAX_NAME_LENGTH,
  MAX_SIGNATURE_LENGTH,
} from "@dbus-codegen-ts/runtime/grammar";
import type { Diagnostics } from "../diagnostics/diagnostic.ts";
import { groupBy } from "../group-by.ts";
import type { Text } from "../read/introspection.ts";
import { listing, shorten } from "../text/shorten.ts";
import type { Argument } from "./ir.ts";
import { signatureOf } from "./signature.ts";

/** Returns whether the name of an interface is valid. Reports an invalid name. */
export function validateInterfaceName(name: Text, diagnostics: Diagnostics): boolean {
  const rule = "an interface name: two or more elements of letters, digits and underscores, separated by dots";
  return validateName(name, isInterfaceName, rule, diagnostics);
}

/** Returns whether the name of a method, signal or property is a valid member name. Reports an invalid name. */
export function validateMemberName(name: Text, kind: string, diagnostics: Diagnostics): boolean {
  const rule = `a ${kind} name: letters, digits and underscores, not starting with a digit`;
  return validateName(name, isMemberName, rule, diagnostics);
}

/** Returns whether the name of a property is valid. Names with hyphens, as GObject has them, are valid but reported. */
export function validatePropertyName(name: Text, diagnostics: Diagnostics): boolean {
  if (isMemberName(name.value) || !isPropertyName(name.value)) return validateMemberName(name, "property", diagnostics);
  const message = `"${name.value}" is not a member name; some bindings cannot access this property`;
  diagnostics.report("property-name", name.span, message, { hint: "use letters, digits and underscores" });
  return true;
}

/** Reports the name of a type if it is invalid. */
export function validateTypeName(name: Text, diagnostics: Diagnostics): void {
  const isValid = (value: string): boolean => /^[A-Za-z_][A-Za-z0-9_]{0,254}$/.test(value);
  validateName(name, isValid, "a type name: letters, digits and underscores", diagnostics);
}

/** Reports arguments whose signature exceeds the limit of a message. `kind` is input, output or signal. */
export function validateSignatureLength(
  member: Text,
  args: readonly Argument[],
  kind: "input" | "output" | "signal",
  diagnostics: Diagnostics,
): void {
  const { length } = signatureOf(args);
  if (length <= MAX_SIGNATURE_LENGTH) return;
  const message = `the signature of the ${kind} arguments of ${shorten(member.value)} has ${length} characters; the limit is ${MAX_SIGNATURE_LENGTH}`;
  diagnostics.report("signature-length", member.span, message, {
    hint: "combine some of them into one struct or dictionary",
  });
}

/** Reports members of one kind that have the same name: overloads if their signatures differ, else duplicates. */
export function reportRepeatedMembers<T extends { readonly name: string }>(
  kind: "method" | "signal" | "property",
  raw: readonly { readonly name: Text }[],
  members: readonly T[],
  signature: (member: T) => string,
  diagnostics: Diagnostics,
): void {
  const overloads = groupBy(members, ({ name }) => name);
  for (const [name, [first, ...others]] of groupBy(raw, (member) => member.name.value)) {
    if (first === undefined || others.length === 0) continue;
    const signatures = (overloads.get(name) ?? []).map(signature);
    const areDistinct = new Set(signatures).size === signatures.length && kind !== "property";
    const related = { message: "first defined here", span: first.name.span };
    const description = `the ${kind} "${shorten(name)}"`;
    const message = `${description} has several signatures: ${listing(signatures)}`;
    const hint = "D-Bus has no overloads; many bindings cannot call the second one";
    for (const { span } of others.map((other) => other.name)) {
      if (areDistinct) diagnostics.report("overload", span, message, { related, hint });
      else diagnostics.report("duplicate", span, `${description} is defined twice`, { related });
    }
  }
}

function validateName(
  { value, span }: Text,
  isValid: (name: string) => boolean,
  rule: string,
  diagnostics: Diagnostics,
): boolean {
  if (isValid(value)) return true;
  const message =
    value.length > MAX_NAME_LENGTH
      ? `the name has ${value.length} characters; the limit is ${MAX_NAME_LENGTH}`
      : `"${shorten(value)}" is not ${rule}`;
  diagnostics.report("name", span, message);
  return false;
}
