import { type Code, runtimeValue } from "../../compiler/emit/file-model.ts";
import type { TypeEmitter } from "../../compiler/emit/type-emitter.ts";
import type { Names } from "../../compiler/names/identifiers.ts";
import { objectKey } from "../../compiler/print/escape.ts";
import type { Argument, NamedType, Type } from "../../compiler/resolve/ir.ts";

/** A writer of empty values: 0, "", the first value of an enum, no items. */
export class EmptyValues {
  readonly #names: Names;
  readonly #types: TypeEmitter;
  readonly #descriptor: Code | undefined;

  /** @param descriptor - Expression for a file descriptor; absent if a project cannot have a file descriptor. */
  constructor(names: Names, types: TypeEmitter, descriptor?: Code) {
    this.#names = names;
    this.#types = types;
    this.#descriptor = descriptor;
  }

  /** Returns a value of a type; undefined if the type has a file descriptor and there is no expression for one. */
  of(type: Type): Code | undefined {
    switch (type.kind) {
      case "basic":
        return type.code === "h" ? this.#descriptor : BASIC[type.code];
      case "variant":
        return ["new ", runtimeValue("Variant"), '("s", "")'];
      case "array":
        return type.signature === "ay" ? "new Uint8Array()" : "[]";
      case "dict":
        return emptyDict(type.key);
      case "struct":
        return inBrackets(
          "[",
          type.fields.map((field) => this.of(field)),
          "]",
        );
      case "named":
        return this.#named(type.type);
    }
  }

  /** Returns the result of a method: an empty list, the only value, or a list of values. */
  ofResult(out: readonly Argument[]): Code | undefined {
    const values = out.map(({ type }) => this.of(type));
    return out.length === 1 ? values[0] : inBrackets("[", values, "]");
  }

  #named(type: NamedType): Code | undefined {
    switch (type.kind) {
      case "simple":
        return this.of(type.type);
      case "flags":
        return BASIC[type.code];
      case "enum": {
        const [first] = type.values;
        if (first === undefined) return BASIC[type.code];
        return [this.#types.reference(type, false), `.${this.#names.member(first)}`];
      }
      case "struct": {
        const fields = type.members.map((member): Code | undefined => {
          const value = this.of(member.type);
          return value && [`${objectKey(this.#names.member(member))}: `, value];
        });
        return inBrackets("{ ", fields, " }");
      }
      case "mapping":
        return emptyDict(type.key.type);
      case "dictionary":
        return "{}";
      case "choice":
        return type.fields === undefined ? "{}" : '{ extra: ["", {}] }';
    }
  }
}

const BASIC: Readonly<Record<string, string | undefined>> = {
  ...Object.fromEntries([..."ynqiud"].map((code) => [code, "0"])),
  x: "0n",
  t: "0n",
  b: "false",
  s: '""',
  o: '"/"',
  g: '""',
};

function emptyDict(key: Type): Code {
  return key.signature === "s" ? "{}" : "new Map()";
}

function inBrackets(open: string, items: readonly (Code | undefined)[], close: string): Code | undefined {
  const present = items.filter((item) => item !== undefined);
  return present.length === items.length ? { open, items: present, close } : undefined;
}
