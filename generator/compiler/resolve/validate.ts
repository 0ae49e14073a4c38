import { isInterfaceName, isMemberName, MAX_NAME_LENGTH, MAX_SIGNATURE_LENGTH } from "@dbus-codegen-ts/runtime/grammar";
import type { Diagnostics } from "../diagnostics/diagnostic.ts";
import type { Text } from "../read/introspection.ts";
import { shorten } from "../text/shorten.ts";
import type { Argument } from "./ir.ts";

/** Whether an interface has a valid name. */
export function checkInterfaceName(name: Text, diagnostics: Diagnostics): boolean {
  const rule = "an interface name: two or more elements of letters, digits and underscores, separated by dots";
  return checkName(name, isInterfaceName, rule, diagnostics);
}

/** Whether a method, signal or property has a valid name. */
export function checkMemberName(name: Text, kind: string, diagnostics: Diagnostics): boolean {
  return checkName(
    name,
    isMemberName,
    `a ${kind} name: letters, digits and underscores, not starting with a digit`,
    diagnostics,
  );
}

/** Whether a property has a valid name. D-Bus allows more than member names there, and GObject-style ones are in use. */
export function checkPropertyName(name: Text, diagnostics: Diagnostics): boolean {
  if (!/^[A-Za-z_][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)+$/.test(name.value) || name.value.length > MAX_NAME_LENGTH) {
    return checkMemberName(name, "property", diagnostics);
  }
  diagnostics.report(
    "property-name",
    name.span,
    `"${name.value}" is not a member name, which not every binding can call`,
    {
      hint: "use letters, digits and underscores",
    },
  );
  return true;
}

/** Whether a type has a valid name. */
export function checkTypeName(name: Text, diagnostics: Diagnostics): boolean {
  const isValid = (value: string): boolean => /^[A-Za-z_][A-Za-z0-9_]{0,254}$/.test(value);
  return checkName(name, isValid, "a type name: letters, digits and underscores", diagnostics);
}

/** Complains about arguments whose signature is longer than a message can carry. */
export function checkLength(member: Text, args: readonly Argument[], what: string, diagnostics: Diagnostics): void {
  const { length } = signatureOf(args);
  if (length <= MAX_SIGNATURE_LENGTH) return;
  diagnostics.report(
    "signature-length",
    member.span,
    `the ${what} arguments of ${shorten(member.value)} need a signature of ${length} characters, more than ${MAX_SIGNATURE_LENGTH}`,
    {
      hint: "put some of them into one struct or dictionary",
    },
  );
}

/** Two members of one name and kind: an overload if their signatures differ, else a duplicate. */
export function checkRepeats<T extends { readonly name: string }>(
  kind: "method" | "signal" | "property",
  raw: readonly { readonly name: Text }[],
  members: readonly T[],
  signature: (member: T) => string,
  diagnostics: Diagnostics,
): void {
  const first = new Map<string, Text>();
  for (const { name } of raw) {
    const before = first.get(name.value);
    if (before === undefined) {
      first.set(name.value, name);
      continue;
    }
    const signatures = members.filter((member) => member.name === name.value).map(signature);
    const distinct = new Set(signatures).size === signatures.length && kind !== "property";
    const related = { message: "first defined here", span: before.span };
    if (!distinct)
      diagnostics.report("duplicate", name.span, `the ${kind} "${shorten(name.value)}" is defined twice`, {
        related,
      });
    else {
      diagnostics.report(
        "overload",
        name.span,
        `the ${kind} "${shorten(name.value)}" has several signatures: ${signatures.join(", ")}`,
        {
          related,
          hint: "D-Bus has no overloads; many bindings cannot call the second",
        },
      );
    }
  }
}

function checkName(
  { value, span }: Text,
  isValid: (name: string) => boolean,
  rule: string,
  diagnostics: Diagnostics,
): boolean {
  if (isValid(value)) return true;
  const message =
    value.length > MAX_NAME_LENGTH
      ? `the name has ${value.length} characters, more than ${MAX_NAME_LENGTH}`
      : `"${shorten(value)}" is not ${rule}`;
  diagnostics.report("name", span, message);
  return false;
}

/** The signature of a message with these arguments. */
export function signatureOf(args: readonly Argument[]): string {
  return args.map(({ type }) => type.signature).join("");
}
