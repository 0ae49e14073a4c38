import type { Introspection } from "../../compiler/read/introspection.ts";
import type { EnumType, Type } from "../../compiler/resolve/ir.ts";
import { argumentsOf, typesOf, usedTypes } from "../../compiler/resolve/walk.ts";
import { shorten } from "../../compiler/text/shorten.ts";
import type { Finding, Subject } from "./rule.ts";

/** Types that nothing uses. */
export function* unusedTypes({ ir, specs }: Subject): Iterable<Finding> {
  const used = usedTypes(ir, contactAttributeTypes(specs));
  for (const type of typesOf(ir)) {
    if (used.has(type)) continue;
    const hint = "remove it, or name it in the tp:type of what it is for";
    yield { span: type.span, message: `no member uses the type "${type.name}"`, hint };
  }
}

/** Dictionaries of variants whose keys nothing declares. */
export function* undeclaredDictionaries({ ir }: Subject): Iterable<Finding> {
  for (const { what, type, span } of usesOf(ir)) {
    if (!contains(type, (inner) => inner.kind === "dict" && inner.signature === "a{sv}")) continue;
    const hint =
      "declare them in a dct:dictionary and name it in tp:type: the generated type then has a member for each";
    yield { span, message: `${what} is "${shorten(type.signature)}", and nothing says which keys it has`, hint };
  }
}

/** Values that may be anything. */
export function* bareVariants({ ir }: Subject): Iterable<Finding> {
  for (const { what, type, span } of usesOf(ir)) {
    if (type.kind !== "variant") continue;
    yield {
      span,
      message: `${what} is a variant: nothing says what it holds`,
      hint: "use the type that it always has",
    };
  }
}

/** Object paths that travel as mere strings. */
export function* pathStrings({ ir }: Subject): Iterable<Finding> {
  for (const { what, name, type, span } of usesOf(ir)) {
    if (!/object_?path/i.test(name) || !/^a*s$/.test(type.signature)) continue;
    const right = type.signature.replace("s", "o");
    yield {
      span,
      message: `${what} is called an object path, but has type "${type.signature}"`,
      hint: `use "${right}"`,
    };
  }
}

/** Errors that methods name and no spec defines. */
export function* undeclaredErrors({ ir }: Subject): Iterable<Finding> {
  for (const { methods } of ir.interfaces) {
    for (const method of methods) {
      for (const { name, definition, span } of method.errors) {
        if (definition !== undefined || name.startsWith("org.freedesktop.DBus.Error.")) continue;
        const hint = "define it in a tp:errors of a given spec: it becomes a class to throw and to catch";
        yield { span, message: `${method.name} may raise "${shorten(name)}", which no given spec defines`, hint };
      }
    }
  }
}

/** Enums of signed integers. */
export function* signedEnums({ ir }: Subject): Iterable<Finding> {
  for (const type of enumsOf(ir)) {
    if (!/[nix]/.test(type.code) || type.values.some(({ value }) => Number(value) < 0)) continue;
    const hint = 'use "u", the default, unless a value is negative';
    yield { span: type.span, message: `the ${type.kind} "${type.name}" is signed: "${type.code}"`, hint };
  }
}

/** Enums without a value for what is not known. */
export function* enumsWithoutZero({ ir }: Subject): Iterable<Finding> {
  for (const { kind, name, code, values, span } of enumsOf(ir)) {
    if (kind === "flags" || code === "s" || values.length === 0 || values.some(({ value }) => Number(value) === 0))
      continue;
    const hint = "zero is by convention the unknown or default value, which a receiver falls back to";
    yield { span, message: `no value of the enum "${name}" is 0`, hint };
  }
}

/** Two names of one value. */
export function* repeatedValues({ ir }: Subject): Iterable<Finding> {
  for (const { kind, name, values } of enumsOf(ir)) {
    const first = new Map<EnumType["values"][number]["value"], EnumType["values"][number]>();
    for (const member of values) {
      const before = first.get(member.value);
      if (before === undefined) first.set(member.value, member);
      else {
        const message = `"${member.name}" of the ${kind} "${name}" has the value of "${before.name}", ${member.value}`;
        yield { span: member.span, message, related: { message: `"${before.name}" stands here`, span: before.span } };
      }
    }
  }
}

/** Flags that are not one bit. */
export function* flagBits({ ir }: Subject): Iterable<Finding> {
  for (const { kind, name, values } of enumsOf(ir)) {
    if (kind !== "flags") continue;
    for (const { name: flag, value, span } of values) {
      const bits = BigInt.asUintN(64, BigInt(value));
      if (bits !== 0n && (bits & (bits - 1n)) === 0n) continue;
      const message = `the flag "${flag}" of "${name}" is ${value}, which is ${bits === 0n ? "no bit" : "several bits"}`;
      yield { span, message, hint: "a flag is one bit: 1, 2, 4, 8, …" };
    }
  }
}

function enumsOf(ir: Subject["ir"]): readonly EnumType[] {
  return typesOf(ir).filter((type): type is EnumType => type.kind === "enum" || type.kind === "flags");
}

interface Use {
  /** How a message calls it. */
  readonly what: string;
  readonly name: string;
  readonly type: Type;
  readonly span: Finding["span"];
}

/** Arguments and properties: where members use types. */
function usesOf(ir: Subject["ir"]): readonly Use[] {
  const args = argumentsOf(ir).map(({ arg, of }) => ({
    ...arg,
    what: arg.name === "" ? `an argument of ${of.name}` : `the argument "${arg.name}" of ${of.name}`,
  }));
  const properties = ir.interfaces.flatMap((one) =>
    one.properties.map((property) => ({ ...property, what: `the property "${property.name}"` })),
  );
  return [...args, ...properties];
}

/** Whether a type, or one inside it that is written out, is of a kind. */
function contains(type: Type, wanted: (type: Type) => boolean): boolean {
  if (wanted(type)) return true;
  switch (type.kind) {
    case "array":
      return contains(type.element, wanted);
    case "dict":
      return contains(type.value, wanted);
    case "struct":
      return type.fields.some((field) => contains(field, wanted));
    default:
      return false;
  }
}

/** Names of types in `tp:contact-attribute`, which are uses that the IR does not have. */
function contactAttributeTypes(specs: readonly Introspection[]): ReadonlySet<string> {
  const attributes = specs.flatMap(({ interfaces }) => interfaces.flatMap((one) => one.contactAttributes));
  return new Set(attributes.flatMap(({ type }) => type.named?.value.replace(/(?:\[\])+$/, "") ?? []));
}
