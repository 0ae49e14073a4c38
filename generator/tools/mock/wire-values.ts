import { Variant } from "@dbus-codegen-ts/runtime";
import { isObjectPath, isSignature, readSignature } from "@dbus-codegen-ts/runtime/grammar";
import type { Node } from "yaml";
import type { Diagnostics } from "../../compiler/diagnostics/diagnostic.ts";
import type { DictionaryType, Type } from "../../compiler/resolve/ir.ts";
import { shorten } from "../../compiler/text/shorten.ts";
import { type Entry, entriesOf, itemsOf, kindOf, scalarOf, type ValuesDocument } from "./yaml-document.ts";

/** Deepest nesting that D-Bus carries, arrays, structs and variants counted together, and dictionaries twice. */
const MAX_DEPTH = 64;

const LEVELS: Readonly<Record<string, number>> = { basic: 0, variant: 1, array: 1, struct: 1, dict: 2 };

/** Least and greatest values of the types of whole numbers. */
const RANGES: Readonly<Record<string, readonly [least: bigint, greatest: bigint]>> = {
  y: [0n, 0xffn],
  n: [-(2n ** 15n), 2n ** 15n - 1n],
  q: [0n, 0xffffn],
  i: [-(2n ** 31n), 2n ** 31n - 1n],
  u: [0n, 0xffff_ffffn],
  x: [-(2n ** 63n), 2n ** 63n - 1n],
  t: [0n, 2n ** 64n - 1n],
};

/** Reads values of D-Bus types from a file. What does not fit is told at its place. */
export class ValueReader {
  readonly #document: ValuesDocument;
  readonly #diagnostics: Diagnostics;
  #depth = 0;

  constructor(document: ValuesDocument, diagnostics: Diagnostics) {
    this.#document = document;
    this.#diagnostics = diagnostics;
  }

  /**
   * The value of a type that a node stands for; undefined after a complaint.
   *
   * @param what - What it is the value of, for the complaint.
   */
  read(type: Type, value: unknown, what: string): unknown {
    if (this.#depth > MAX_DEPTH) return this.#wrong(value, `${shorten(what)} is nested more than ${MAX_DEPTH} deep`);
    const levels = type.kind === "named" ? 0 : (LEVELS[type.kind] ?? 1);
    this.#depth += levels;
    const read = this.#read(type, value, what);
    this.#depth -= levels;
    return read;
  }

  #read(type: Type, value: unknown, what: string): unknown {
    const node = this.#document.node(value);
    switch (type.kind) {
      case "basic":
        return this.#basic(type.code, node, value, what);
      case "variant":
        return this.#variant(node, value, what);
      case "array":
        return type.signature === "ay" ? this.#bytes(node, value, what) : this.#array(type.element, node, value, what);
      case "dict":
        return this.#dictionary(type.key, type.value, node, value, what);
      case "struct":
        return this.#struct(type.fields, type.signature, node, value, what);
      case "named":
        return this.#named(type, node, value, what);
    }
  }

  #named({ type }: Type & { kind: "named" }, node: Node | undefined, value: unknown, what: string): unknown {
    switch (type.kind) {
      case "simple":
        return this.read(type.type, value, what);
      case "enum":
      case "flags": {
        const named = type.values.find(({ name }) => name === scalarOf(node)?.value);
        return named !== undefined && type.code !== "s" ? named.value : this.#basic(type.code, node, value, what);
      }
      case "mapping":
        return this.#dictionary(type.key.type, type.value.type, node, value, what);
      case "dictionary":
        return this.#declared(type, node, value, what);
      case "struct": {
        const fields = type.members.map((member) => member.type);
        const entries = entriesOf(node);
        if (entries === undefined) return this.#struct(fields, type.signature, node, value, what);
        const given = type.members.map(({ name }) => entries.find((entry) => entry.name === name)?.value);
        const missing = type.members.find((_, index) => given[index] === undefined);
        const unknown = entries.find(({ name }) => !type.members.some((member) => member.name === name));
        if (missing !== undefined || unknown !== undefined)
          return this.#wrong(
            unknown?.key ?? value,
            `${what}: ${unknown === undefined ? `the member ${missing?.name} is missing` : `there is no member ${JSON.stringify(unknown.name)}`}`,
            `the members are ${type.members.map(({ name }) => name).join(", ")}`,
          );
        return this.#all(type.members, (member, index) =>
          this.read(member.type, given[index], `${what}.${member.name}`),
        );
      }
    }
  }

  #basic(code: string, node: Node | undefined, value: unknown, what: string): unknown {
    const given = scalarOf(node)?.value;
    const fault = (wanted: string, hint?: string): undefined =>
      this.#wrong(value, `${what} is ${wanted}, not ${kindOf(node)}`, hint);
    if (code === "b") return typeof given === "boolean" ? given : fault("true or false");
    if (code === "d") return toDouble(given) ?? fault("a number");
    if (code === "h")
      return fault("a file descriptor", "a file has none to give: answer with an error, or in TypeScript");
    const range = RANGES[code];
    if (range !== undefined) return this.#integer(code, range, given, fault);
    if (typeof given !== "string") return fault("a text", "put it in quotes");
    if (/[\0\p{Surrogate}]/u.test(given)) return fault("a text without NUL and halves of surrogate pairs");
    if (code === "o" && !isObjectPath(given)) return fault("an object path", "such as /org/example/Jukebox1");
    if (code === "g" && !isSignature(given)) return fault("a signature", "such as a{sv}");
    return given;
  }

  #integer(
    code: string,
    [least, greatest]: readonly [bigint, bigint],
    given: unknown,
    fault: (wanted: string, hint?: string) => undefined,
  ): unknown {
    const number = toBigInt(given);
    if (number === undefined || number < least || number > greatest)
      return fault(`a whole number from ${least} to ${greatest}`);
    return code === "x" || code === "t" ? number : Number(number);
  }

  #bytes(node: Node | undefined, value: unknown, what: string): unknown {
    const given = scalarOf(node)?.value;
    if (typeof given === "string") {
      const bytes = Buffer.from(given, "base64");
      if (bytes.toString("base64").replace(/=+$/, "") === given.replace(/=+$/, "")) return new Uint8Array(bytes);
      return this.#wrong(value, `${what} is not base64`, "bytes are base64, or a list of numbers from 0 to 255");
    }
    const items = this.#array({ kind: "basic", code: "y", signature: "y" }, node, value, what);
    return Array.isArray(items) ? Uint8Array.from(items) : undefined;
  }

  #array(element: Type, node: Node | undefined, value: unknown, what: string): unknown {
    const items = itemsOf(node);
    if (items === undefined) return this.#wrong(value, `${what} is a list, not ${kindOf(node)}`);
    return this.#all(items, (item, index) => this.read(element, item, `${what}[${index}]`));
  }

  #struct(fields: readonly Type[], signature: string, node: Node | undefined, value: unknown, what: string): unknown {
    const items = itemsOf(node);
    if (items?.length !== fields.length)
      return this.#wrong(
        value,
        `${what} is a list of ${fields.length}, one for each field of ${signature}, not ${items === undefined ? kindOf(node) : `of ${items.length}`}`,
      );
    return this.#all(fields, (field, index) => this.read(field, items[index], `${what}[${index}]`));
  }

  #dictionary(key: Type, type: Type, node: Node | undefined, value: unknown, what: string): unknown {
    const entries = entriesOf(node);
    if (entries === undefined) return this.#wrong(value, `${what} is a map, not ${kindOf(node)}`);
    const read = this.#all(entries, (entry) => {
      const name = this.#key(key, entry, what);
      const inner = this.read(type, entry.value, `${what}[${entry.name}]`);
      return name === undefined || inner === undefined ? undefined : ([name, inner] as const);
    });
    if (read === undefined) return undefined;
    return key.signature === "s" ? Object.fromEntries(read) : new Map(read);
  }

  /** Keys of JSON are texts, so a number may be one. */
  #key(type: Type, { name, key }: Entry, what: string): unknown {
    if (type.signature === "s") return name;
    if (type.signature === "b" && (name === "true" || name === "false")) return name === "true";
    return this.read(type, key, `a key of ${what}`);
  }

  /** Declared keys take their values plainly; they, and others, may also say the signature. */
  #declared({ entries: known }: DictionaryType, node: Node | undefined, value: unknown, what: string): unknown {
    const entries = entriesOf(node);
    if (entries === undefined) return this.#wrong(value, `${what} is a map, not ${kindOf(node)}`);
    const read = this.#all(entries, ({ name, value: inner }) => {
      const declared = known.find((one) => one.name === name);
      const place = `${what}[${name}]`;
      const plain = declared !== undefined && !isVariant(this.#document.node(inner));
      const got = plain
        ? this.read(declared.type, inner, place)
        : this.#variant(this.#document.node(inner), inner, place);
      if (got === undefined) return undefined;
      return [name, plain ? new Variant(declared.type.signature, got) : got] as const;
    });
    return read && Object.fromEntries(read);
  }

  #variant(node: Node | undefined, value: unknown, what: string): unknown {
    const entries = new Map(entriesOf(node)?.map((entry) => [entry.name, entry.value]));
    if (!isVariant(node))
      return this.#wrong(value, `${what} is a variant, not ${kindOf(node)}`, "write { signature: s, value: text }");
    const signature = scalarOf(this.#document.node(entries.get("signature")))?.value;
    const result = typeof signature === "string" ? readSignature(signature) : undefined;
    const [type, second] = result?.ok ? result.types : [];
    if (type === undefined || second !== undefined)
      return this.#wrong(entries.get("signature"), `the signature of ${what} is one complete type, such as s or a{sv}`);
    const inner = this.read(type, entries.get("value"), `the value of ${what}`);
    return inner === undefined ? undefined : new Variant(type.signature, inner);
  }

  /** All values, or undefined where one was not right; the complaints are about every wrong one. */
  #all<T, V>(items: readonly T[], read: (item: T, index: number) => V | undefined): readonly V[] | undefined {
    const values = items.map(read);
    const right = values.filter((value) => value !== undefined);
    return right.length === values.length ? right : undefined;
  }

  #wrong(value: unknown, message: string, hint?: string): undefined {
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
