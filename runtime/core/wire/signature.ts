import { MAX_SIGNATURE_LENGTH, MAX_TYPE_DEPTH } from "./limits.ts";

/** Codes of the basic types: fixed-size numbers, strings, object paths, signatures and file descriptors. */
export type BasicCode = "y" | "b" | "n" | "q" | "i" | "u" | "x" | "t" | "d" | "s" | "o" | "g" | "h";

/** One complete type of a signature, with the signature text it was read from. */
export type Type = BasicType | VariantType | ArrayType | DictType | StructType;

export interface BasicType {
  readonly kind: "basic";
  readonly code: BasicCode;
  readonly signature: string;
}
export interface VariantType {
  readonly kind: "variant";
  readonly signature: "v";
}
export interface ArrayType {
  readonly kind: "array";
  readonly element: Type;
  readonly signature: string;
}
export interface DictType {
  readonly kind: "dict";
  readonly key: BasicType;
  readonly value: Type;
  readonly signature: string;
}
export interface StructType {
  readonly kind: "struct";
  readonly fields: readonly Type[];
  readonly signature: string;
}

/** The reason why a text is not a signature, with the range of its invalid characters. */
export interface SignatureProblem {
  readonly offset: number;
  readonly length: number;
  readonly reason:
    | "code"
    | "unterminated"
    | "unexpected"
    | "dict-key"
    | "dict-entry"
    | "empty-struct"
    | "depth"
    | "length";
  readonly message: string;
}

export type SignatureResult =
  | { readonly ok: true; readonly types: readonly Type[] }
  | { readonly ok: false; readonly problem: SignatureProblem };

const BASIC_CODES = "ybnqiuxtdsogh";

/** Parses a signature of any number of complete types. Accepts exactly the signatures that libdbus accepts. */
export function readSignature(text: string): SignatureResult {
  if (text.length > MAX_SIGNATURE_LENGTH) {
    const message = `a signature has at most ${MAX_SIGNATURE_LENGTH} characters, this one has ${text.length}`;
    return failure({
      offset: MAX_SIGNATURE_LENGTH,
      length: text.length - MAX_SIGNATURE_LENGTH,
      reason: "length",
      message,
    });
  }
  const reader = new SignatureReader(text);
  const types: Type[] = [];
  while (reader.offset < text.length) {
    const type = reader.type(0, 0, 0);
    if (type === undefined) return failure(reader.problem);
    types.push(type);
  }
  return { ok: true, types };
}

/** Returns whether a text is a signature of zero or more complete types. */
export function isSignature(text: string): boolean {
  return readSignature(text).ok;
}

function failure(problem: SignatureProblem): SignatureResult {
  return { ok: false, problem };
}

class SignatureReader {
  offset = 0;
  problem: SignatureProblem = { offset: 0, length: 0, reason: "unexpected", message: "" };
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /**
   * Parses one complete type. If it is invalid, returns undefined and sets `problem`. As in libdbus, only arrays that
   * are directly in arrays count as nested.
   */
  type(arrays: number, structs: number, dicts: number): Type | undefined {
    const start = this.offset;
    const code = this.#text[start];
    if (code === undefined) return this.#fail(start, 0, "unterminated", "a type is missing at the end");
    this.offset++;
    if (isBasicCode(code)) return BASIC_TYPES[code];
    if (code === "v") return VARIANT_TYPE;
    if (code === "a") return this.#array(start, arrays + 1, structs, dicts);
    if (code === "(") return this.#struct(start, structs + 1, dicts);
    if (code === "{")
      return this.#fail(start, 1, "dict-entry", "a dict entry is valid only inside an array, as in a{sv}");
    if (code === ")" || code === "}") return this.#fail(start, 1, "unexpected", `"${code}" closes nothing here`);
    return this.#fail(start, 1, "code", `"${code}" is not a type code`);
  }

  #array(start: number, arrays: number, structs: number, dicts: number): Type | undefined {
    if (arrays > MAX_TYPE_DEPTH)
      return this.#fail(start, 1, "depth", `arrays are nested more than ${MAX_TYPE_DEPTH} deep`);
    if (this.#text[this.offset] === "{") return this.#dict(start, structs, dicts + 1);
    const element = this.type(arrays, structs, dicts);
    return element && { kind: "array", element, signature: this.#text.slice(start, this.offset) };
  }

  #dict(start: number, structs: number, dicts: number): Type | undefined {
    const open = this.offset++;
    if (dicts > MAX_TYPE_DEPTH)
      return this.#fail(open, 1, "depth", `dict entries are nested more than ${MAX_TYPE_DEPTH} deep`);
    const keyStart = this.offset;
    if (this.#text[keyStart] === "}") return this.#fail(open, 2, "dict-entry", "a dict entry has a key and a value");
    const key = this.type(0, structs, dicts);
    if (key === undefined) return undefined;
    if (key.kind !== "basic") {
      return this.#fail(keyStart, this.offset - keyStart, "dict-key", "a dictionary key must be a basic type");
    }
    if (this.#text[this.offset] === "}")
      return this.#fail(open, this.offset - open + 1, "dict-entry", "a dict entry has a key and a value");
    const value = this.type(0, structs, dicts);
    if (value === undefined) return undefined;
    const close = this.#text[this.offset];
    if (close === undefined)
      return this.#fail(start, this.offset - start, "unterminated", 'the dict entry is not closed, expected "}"');
    if (close !== "}") return this.#fail(this.offset, 1, "dict-entry", "a dict entry has one key and one value");
    this.offset++;
    return { kind: "dict", key, value, signature: this.#text.slice(start, this.offset) };
  }

  #struct(start: number, structs: number, dicts: number): Type | undefined {
    if (structs > MAX_TYPE_DEPTH)
      return this.#fail(start, 1, "depth", `structs are nested more than ${MAX_TYPE_DEPTH} deep`);
    const fields: Type[] = [];
    for (;;) {
      const next = this.#text[this.offset];
      if (next === undefined)
        return this.#fail(start, this.offset - start, "unterminated", 'the struct is not closed, expected ")"');
      if (next === ")") break;
      const field = this.type(0, structs, dicts);
      if (field === undefined) return undefined;
      fields.push(field);
    }
    this.offset++;
    if (fields.length === 0) return this.#fail(start, 2, "empty-struct", "a struct has at least one field");
    return { kind: "struct", fields, signature: this.#text.slice(start, this.offset) };
  }

  #fail(offset: number, length: number, reason: SignatureProblem["reason"], message: string): undefined {
    this.problem = { offset, length, reason, message };
    return undefined;
  }
}

function isBasicCode(code: string): code is BasicCode {
  return BASIC_CODES.includes(code);
}

const VARIANT_TYPE: VariantType = { kind: "variant", signature: "v" };
const basic = (code: BasicCode): BasicType => ({ kind: "basic", code, signature: code });
const BASIC_TYPES: Readonly<Record<BasicCode, BasicType>> = {
  y: basic("y"),
  b: basic("b"),
  n: basic("n"),
  q: basic("q"),
  i: basic("i"),
  u: basic("u"),
  x: basic("x"),
  t: basic("t"),
  d: basic("d"),
  s: basic("s"),
  o: basic("o"),
  g: basic("g"),
  h: basic("h"),
};
