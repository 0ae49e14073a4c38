import type { Names } from "../names/identifiers.ts";
import type { Argument, NamedType, Type } from "../resolve/ir.ts";
import { typesIn } from "../resolve/walk.ts";
import { type Code, code, type ImportRef, runtimeType, type Value } from "./model.ts";

/** TypeScript types of the basic type codes; `o`, `g` and `h` have types of their own in the runtime. */
const BASIC: Readonly<Record<string, Code>> = {
  y: "number",
  n: "number",
  q: "number",
  i: "number",
  u: "number",
  d: "number",
  b: "boolean",
  x: "bigint",
  t: "bigint",
  s: "string",
  o: runtimeType("ObjectPath"),
  g: runtimeType("Signature"),
  h: runtimeType("UnixFd"),
};

/** Writes D-Bus types as TypeScript types, and as the shapes that the runtime converts by. */
export class TypeEmitter {
  readonly #names: Names;
  readonly #wide: ReadonlySet<NamedType>;

  constructor(names: Names, types: readonly NamedType[]) {
    this.#names = names;
    this.#wide = new Set(
      types.flatMap((type) => (type.kind === "simple" && type.type.kind === "named" ? [type.type.type] : [])),
    );
  }

  /** Whether other types are cases of this one: a handle is a contact handle or a room handle, so it takes both. */
  isWide(type: NamedType): boolean {
    return this.#wide.has(type);
  }

  /** The TypeScript type of a value. */
  type(type: Type): Code {
    switch (type.kind) {
      case "basic":
        return BASIC[type.code] ?? "unknown";
      case "variant":
        return runtimeType("Variant");
      case "array": {
        if (type.signature === "ay") return "Uint8Array";
        const element = this.type(type.element);
        return needsBrackets(type.element) ? ["readonly (", element, ")[]"] : ["readonly ", element, "[]"];
      }
      case "dict": {
        const value = this.type(type.value);
        return type.key.signature === "s"
          ? ["Readonly<Record<string, ", value, ">>"]
          : ["ReadonlyMap<", this.type(type.key), ", ", value, ">"];
      }
      case "struct":
        return { open: "readonly [", items: type.fields.map((field) => this.type(field)), close: "]" };
      case "named":
        return this.reference(type.type, true);
    }
  }

  /** What an ordered list of arguments is as a value: nothing, the only one, or a labelled tuple. */
  result(args: readonly Argument[]): Code {
    const [only, ...more] = args;
    if (only === undefined) return "void";
    return more.length === 0 ? this.type(only.type) : this.tuple(args);
  }

  /** A tuple labelled with the arguments' names. */
  tuple(args: readonly Argument[]): Code {
    const items = args.map((arg) => [this.#names.argument(arg), ": ", this.type(arg.type)]);
    return { open: "[", items, close: "]" };
  }

  /** A function that gives the shape of a type, where its signature alone does not say it. */
  shapeOf(type: Type, within?: NamedType): Value | undefined {
    const shape = this.#shape(type);
    if (shape === undefined) return undefined;
    // TypeScript cannot infer the type of a constant that refers to itself.
    const head: Code = within !== undefined && holds(type, within) ? ["(): ", runtimeType("Shape"), " => "] : "() => ";
    return code(Array.isArray(shape) ? [head, "(", shape, ")"] : [head, shape]);
  }

  /** A reference to a named type, as a type or as the value of the same name. */
  reference(type: NamedType, isType: boolean): ImportRef {
    const { module, name } = this.#names.type(type);
    return { name, from: { kind: "generated", module }, isType };
  }

  #shape(type: Type): Code | undefined {
    switch (type.kind) {
      case "array":
        return this.#inner("items", type.element);
      case "dict":
        return this.#inner("values", type.value);
      case "named":
        if (type.type.kind === "struct" || type.type.kind === "dictionary") return this.reference(type.type, false);
        if (type.type.kind === "mapping") return this.#inner("values", type.type.value.type);
        return type.type.kind === "simple" ? this.#shape(type.type.type) : undefined;
      default:
        return undefined;
    }
  }

  #inner(kind: "items" | "values", of: Type): Code | undefined {
    const shape = this.#shape(of);
    return shape && [`{ kind: "${kind}", of: `, shape, " }"];
  }
}

/** Whether values of a type can hold values of a named one, directly or inside others. */
function holds(type: Type, sought: NamedType, seen = new Set<NamedType>()): boolean {
  switch (type.kind) {
    case "array":
      return holds(type.element, sought, seen);
    case "dict":
      return holds(type.value, sought, seen);
    case "struct":
      return type.fields.some((field) => holds(field, sought, seen));
    case "named": {
      if (type.type === sought) return true;
      if (seen.has(type.type)) return false;
      seen.add(type.type);
      return typesIn(type.type).some((part) => holds(part, sought, seen));
    }
    default:
      return false;
  }
}

function needsBrackets(type: Type): boolean {
  if (type.kind === "named") return false;
  return (type.kind === "array" && type.signature !== "ay") || type.kind === "struct";
}
