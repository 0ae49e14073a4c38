import { Variant } from "@dbus-codegen-ts/runtime";
import { isObjectPath, isSignature, MAX_VALUE_DEPTH, readSignature } from "@dbus-codegen-ts/runtime/grammar";
import type { Node } from "yaml";
import type { Diagnostics } from "../../compiler/diagnostics/diagnostic.ts";
import type { ChoiceType, DictionaryType, EnumMember, EnumType, Type } from "../../compiler/resolve/ir.ts";
import { keyOf } from "../../compiler/resolve/walk.ts";
import { shorten } from "../../compiler/text/shorten.ts";
import { withoutSuffix } from "../../compiler/text/without-suffix.ts";
import { describeNode, type Entry, entriesOf, itemsOf, scalarOf, type YamlDocument } from "./yaml-document.ts";

/** Number of nesting levels that a type adds by its kind. A dictionary is an array of entries, so it adds two. */
const LEVELS: Readonly<Record<string, number>> = { basic: 0, variant: 1, array: 1, struct: 1, dict: 2 };

/** Ranges of the integer types, both ends included. */
const RANGES: Readonly<Record<string, readonly [min: bigint, max: bigint]>> = {
  y: [0n, 0xffn],
  n: [-(2n ** 15n), 2n ** 15n - 1n],
  q: [0n, 0xffffn],
  i: [-(2n ** 31n), 2n ** 31n - 1n],
  u: [0n, 0xffff_ffffn],
  x: [-(2n ** 63n), 2n ** 63n - 1n],
  t: [0n, 2n ** 64n - 1n],
};

/** Decodes values of D-Bus types from YAML. A value that does not match its type is reported at its position. */
export class WireValueReader {
  readonly #document: YamlDocument;
  readonly #diagnostics: Diagnostics;
  /** Values of enums by name. */
  readonly #enums = new Map<EnumType, ReadonlyMap<unknown, EnumMember>>();
  #depth = 0;

  constructor(document: YamlDocument, diagnostics: Diagnostics) {
    this.#document = document;
    this.#diagnostics = diagnostics;
  }

  /**
   * Returns the value of a node for a type, or undefined after reporting a diagnostic.
   * @param subject - Noun phrase for the value, for messages.
   */
  read(type: Type, value: unknown, subject: string): unknown {
    if (this.#depth > MAX_VALUE_DEPTH)
      return this.#report(value, `${shorten(subject)} is nested more than ${MAX_VALUE_DEPTH} deep`);
    const levels = type.kind === "named" ? 0 : (LEVELS[type.kind] ?? 1);
    this.#depth += levels;
    const decoded = this.#read(type, value, subject);
    this.#depth -= levels;
    return decoded;
  }

  #read(type: Type, value: unknown, subject: string): unknown {
    const node = this.#document.resolve(value);
    switch (type.kind) {
      case "basic":
        return this.#basic(type.code, node, value, subject);
      case "variant":
        return this.#variant(node, value, subject);
      case "array":
        return type.signature === "ay"
          ? this.#bytes(node, value, subject)
          : this.#array(type.element, node, value, subject);
      case "dict":
        return this.#dictionary(type.key, type.value, node, value, subject);
      case "struct":
        return this.#struct(type.fields, type.signature, node, value, subject);
      case "named":
        return this.#named(type, node, value, subject);
    }
  }

  #named({ type }: Type & { kind: "named" }, node: Node | undefined, value: unknown, subject: string): unknown {
    switch (type.kind) {
      case "simple":
        return this.read(type.type, value, subject);
      case "enum":
      case "flags": {
        const named = this.#enumMember(type, scalarOf(node)?.value);
        return named !== undefined && type.code !== "s" ? named.value : this.#basic(type.code, node, value, subject);
      }
      case "mapping":
        return this.#dictionary(type.key.type, type.value.type, node, value, subject);
      case "dictionary":
        return this.#declared(type, node, value, subject);
      case "choice":
        return this.#choice(type, node, value, subject);
      case "struct": {
        const fields = type.members.map((member) => member.type);
        const entries = entriesOf(node);
        if (entries === undefined) return this.#struct(fields, type.signature, node, value, subject);
        const given = type.members.map(({ name }) => node && this.#document.entry(node, name)?.value);
        const missing = type.members.find((_, index) => given[index] === undefined);
        const unknown = entries.find(({ name }) => !type.members.some((member) => member.name === name));
        if (missing !== undefined || unknown !== undefined)
          return this.#report(
            unknown?.key ?? value,
            `${subject}: ${unknown === undefined ? `the member ${missing?.name} is missing` : `there is no member ${JSON.stringify(unknown.name)}`}`,
            `the members are ${type.members.map(({ name }) => name).join(", ")}`,
          );
        return this.#all(type.members, (member, index) =>
          this.read(member.type, given[index], `${subject}.${member.name}`),
        );
      }
    }
  }

  #basic(code: string, node: Node | undefined, value: unknown, subject: string): unknown {
    const given = scalarOf(node)?.value;
    const mismatch = (expected: string, hint?: string): undefined =>
      this.#report(value, `${subject} is ${expected}, not ${describeNode(node)}`, hint);
    if (code === "b") return typeof given === "boolean" ? given : mismatch("true or false");
    if (code === "d") return toDouble(given) ?? mismatch("a number");
    if (code === "h")
      return mismatch(
        "a file descriptor",
        "a script cannot contain a file descriptor: use an error, or a mock in TypeScript",
      );
    const range = RANGES[code];
    if (range !== undefined) return this.#integer(code, range, given, mismatch);
    if (typeof given !== "string") return mismatch("a text", "put it in quotes");
    if (/[\0\p{Surrogate}]/u.test(given)) return mismatch("a text without NUL and halves of surrogate pairs");
    if (code === "o" && !isObjectPath(given)) return mismatch("an object path", "such as /org/example/Jukebox1");
    if (code === "g" && !isSignature(given)) return mismatch("a signature", "such as a{sv}");
    return given;
  }

  #integer(
    code: string,
    [min, max]: readonly [bigint, bigint],
    given: unknown,
    mismatch: (expected: string, hint?: string) => undefined,
  ): unknown {
    const number = toBigInt(given);
    if (number === undefined || number < min || number > max) return mismatch(`a whole number from ${min} to ${max}`);
    return code === "x" || code === "t" ? number : Number(number);
  }

  #bytes(node: Node | undefined, value: unknown, subject: string): unknown {
    const given = scalarOf(node)?.value;
    if (typeof given === "string") {
      const bytes = Buffer.from(given, "base64");
      if (withoutSuffix(bytes.toString("base64"), "=") === withoutSuffix(given, "=")) return new Uint8Array(bytes);
      return this.#report(value, `${subject} is not base64`, "bytes are base64, or a list of numbers from 0 to 255");
    }
    const items = this.#array({ kind: "basic", code: "y", signature: "y" }, node, value, subject);
    return Array.isArray(items) ? Uint8Array.from(items) : undefined;
  }

  #array(element: Type, node: Node | undefined, value: unknown, subject: string): unknown {
    const items = itemsOf(node);
    if (items === undefined) return this.#report(value, `${subject} is a list, not ${describeNode(node)}`);
    return this.#all(items, (item, index) => this.read(element, item, `${subject}[${index}]`));
  }

  #struct(
    fields: readonly Type[],
    signature: string,
    node: Node | undefined,
    value: unknown,
    subject: string,
  ): unknown {
    const items = itemsOf(node);
    if (items?.length !== fields.length)
      return this.#report(
        value,
        `${subject} is a list of ${fields.length}, one for each field of ${signature}, not ${items === undefined ? describeNode(node) : `of ${items.length}`}`,
      );
    return this.#all(fields, (field, index) => this.read(field, items[index], `${subject}[${index}]`));
  }

  #dictionary(key: Type, type: Type, node: Node | undefined, value: unknown, subject: string): unknown {
    const entries = entriesOf(node);
    if (entries === undefined) return this.#report(value, `${subject} is a map, not ${describeNode(node)}`);
    const pairs = this.#all(entries, (entry) => {
      const name = this.#key(key, entry, subject);
      const inner = this.read(type, entry.value, `${subject}[${entry.name}]`);
      return name === undefined || inner === undefined ? undefined : ([name, inner] as const);
    });
    if (pairs === undefined) return undefined;
    return key.signature === "s" ? Object.fromEntries(pairs) : new Map(pairs);
  }

  /** Decodes a dictionary key. Keys in JSON are texts, so a number can be a text too. */
  #key(type: Type, { name, key }: Entry, subject: string): unknown {
    if (type.signature === "s") return name;
    if (type.signature === "b" && (name === "true" || name === "false")) return name === "true";
    return this.read(type, key, `a key of ${subject}`);
  }

  /**
   * Decodes a declared dictionary. The value of a declared key is given plainly, that of any other key with its
   * signature.
   */
  #declared(dictionary: DictionaryType, node: Node | undefined, value: unknown, subject: string): unknown {
    const entries = entriesOf(node);
    if (entries === undefined) return this.#report(value, `${subject} is a map, not ${describeNode(node)}`);
    const pairs = this.#all(entries, ({ name, value: inner }) => {
      const declared = keyOf(dictionary, name);
      const entrySubject = `${subject}[${name}]`;
      if (dictionary.value.kind !== "variant") {
        const plain = this.read(declared?.type ?? dictionary.value, inner, entrySubject);
        return plain === undefined ? undefined : ([name, plain] as const);
      }
      const node = this.#document.resolve(inner);
      if (declared === undefined || isVariant(node)) {
        const variant = this.#variant(node, inner, entrySubject);
        return variant === undefined ? undefined : ([name, variant] as const);
      }
      const plain = this.read(declared.type, inner, entrySubject);
      return plain === undefined ? undefined : ([name, new Variant(declared.type.signature, plain)] as const);
    });
    return pairs && Object.fromEntries(pairs);
  }

  #enumMember(type: EnumType, name: unknown): EnumMember | undefined {
    const members = this.#enums.get(type) ?? new Map(type.values.toReversed().map((member) => [member.name, member]));
    this.#enums.set(type, members);
    return members.get(name);
  }

  /** Decodes a dictionary by the case that its key selects. Without a case, values are given with their signatures. */
  #choice(choice: ChoiceType, node: Node | undefined, value: unknown, subject: string): unknown {
    const { key, cases, fields } = choice;
    if (fields !== undefined) return this.#selected(choice, node, value, subject);
    const selector = entriesOf(node)?.find(({ name }) => name === key)?.value;
    const selected = scalarOf(this.#document.resolve(selector))?.value;
    const type = cases.find(({ name }) => name === selected)?.type;
    if (type !== undefined) return this.#declared(type, node, value, subject);
    const variant: Type = { kind: "variant", signature: "v" };
    return this.#dictionary({ kind: "basic", code: "s", signature: "s" }, variant, node, value, subject);
  }

  /**
   * Decodes a struct `(sa{sv})`. It is given as a list of two items, of which the first selects the definition of the
   * second.
   */
  #selected({ cases, signature }: ChoiceType, node: Node | undefined, value: unknown, subject: string): unknown {
    const selector: Type = { kind: "basic", code: "s", signature: "s" };
    const [first] = itemsOf(node) ?? [];
    const selected = scalarOf(this.#document.resolve(first))?.value;
    const type = cases.find(({ name }) => name === selected)?.type;
    const variant: Type = { kind: "variant", signature: "v" };
    const dictionary: Type =
      type === undefined
        ? { kind: "dict", key: selector, value: variant, signature: "a{sv}" }
        : { kind: "named", type, signature: "a{sv}" };
    return this.#struct([selector, dictionary], signature, node, value, subject);
  }

  #variant(node: Node | undefined, value: unknown, subject: string): unknown {
    const entries = new Map(entriesOf(node)?.map((entry) => [entry.name, entry.value]));
    if (!isVariant(node))
      return this.#report(
        value,
        `${subject} is a variant, not ${describeNode(node)}`,
        `write { signature: ${likelySignature(this.#document.toPlain(value, 2))}, value: … }`,
      );
    const signature = scalarOf(this.#document.resolve(entries.get("signature")))?.value;
    const result = typeof signature === "string" ? readSignature(signature) : undefined;
    const [type, second] = result?.ok ? result.types : [];
    if (type === undefined || second !== undefined)
      return this.#report(
        entries.get("signature"),
        `the signature of ${subject} is one complete type, such as s or a{sv}`,
      );
    const inner = this.read(type, entries.get("value"), `the value of ${subject}`);
    return inner === undefined ? undefined : new Variant(type.signature, inner);
  }

  /** Returns all decoded values, or undefined if one is invalid. All invalid values are reported. */
  #all<T, V>(items: readonly T[], read: (item: T, index: number) => V | undefined): readonly V[] | undefined {
    const values = items.map(read);
    const valid = values.filter((value) => value !== undefined);
    return valid.length === values.length ? valid : undefined;
  }

  #report(value: unknown, message: string, hint?: string): undefined {
    this.#diagnostics.report("values-type", this.#document.span(value), message, {
      ...(hint !== undefined && { hint }),
    });
  }
}

function isVariant(node: Node | undefined): boolean {
  const names = entriesOf(node)?.map(({ name }) => name);
  return names?.length === 2 && names.includes("signature") && names.includes("value");
}

function toBigInt(given: unknown): bigint | undefined {
  if (typeof given === "bigint") return given;
  if (typeof given === "number") return Number.isInteger(given) ? BigInt(given) : undefined;
  return typeof given === "string" && /^-?\d+$/.test(given) ? BigInt(given) : undefined;
}

function toDouble(given: unknown): number | undefined {
  if (typeof given === "number" || typeof given === "bigint") return Number(given);
  return given === "NaN" || given === "Infinity" || given === "-Infinity" ? Number(given) : undefined;
}

/** Returns a signature to suggest for the value of a variant that the user wrote without a signature. */
function likelySignature(value: unknown): string {
  if (Array.isArray(value)) return value.every((item) => typeof item === "string") ? "as" : "av";
  if (typeof value === "boolean") return "b";
  if (typeof value === "object" && value !== null) return "a{sv}";
  if (typeof value !== "number") return "s";
  if (!Number.isInteger(value)) return "d";
  return Math.abs(value) < 2 ** 31 ? "i" : "x";
}
