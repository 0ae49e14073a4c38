import type { Names } from "../names/identifiers.ts";
import type { Argument, ChoiceCase, ChoiceType, NamedType, Type } from "../resolve/ir.ts";
import { namedTypesOf, typeCycles } from "../resolve/type-cycles.ts";
import { type Code, code, type ImportRef, runtimeType, type Value } from "./file-model.ts";

/** TypeScript types of the basic type codes. The runtime defines the types of `o`, `g` and `h`. */
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

/** A converter of D-Bus types to TypeScript types, and to shapes by which the runtime converts values. */
export class TypeEmitter {
  readonly #names: Names;
  readonly #types: readonly NamedType[];
  readonly #wide: ReadonlySet<NamedType>;
  #cycles: ReturnType<typeof typeCycles> | undefined;

  constructor(names: Names, types: readonly NamedType[]) {
    this.#names = names;
    this.#types = types;
    this.#wide = new Set(
      types.flatMap((type) => (type.kind === "simple" && type.type.kind === "named" ? [type.type.type] : [])),
    );
  }

  /** Returns whether other simple types refine this type, so that it also accepts their values. */
  hasCases(type: NamedType): boolean {
    return this.#wide.has(type);
  }

  /** Returns the TypeScript type of values of a D-Bus type. */
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

  /** Returns the TypeScript type of the results of a method: `void`, the type of the only result, or a labelled tuple. */
  result(args: readonly Argument[]): Code {
    const [only, ...more] = args;
    if (only === undefined) return "void";
    return more.length === 0 ? this.type(only.type) : this.tuple(args);
  }

  /** Returns a tuple type whose labels are the names of the arguments. */
  tuple(args: readonly Argument[]): Code {
    const items = args.map((arg) => [this.#names.argument(arg), ": ", this.type(arg.type)]);
    return { open: "[", items, close: "]" };
  }

  /**
   * Returns the code of a function that returns the shape of a type; undefined if the signature determines the
   * TypeScript value.
   *
   * @param owner - Named type whose shape contains the function.
   */
  shapeOf(type: Type, owner?: NamedType): Value | undefined {
    const shape = this.#shape(type);
    if (shape === undefined) return undefined;
    const isCyclic = owner !== undefined && this.#contains(type, owner);
    return shapeFunction(isCyclic ? { ...shape, type: runtimeType("Shape") } : shape);
  }

  /** Returns the code of a function that returns the shape of the dictionary of a choice. */
  caseShape({ type }: ChoiceCase, owner: ChoiceType): Value {
    const isCyclic = this.#contains({ kind: "named", type, signature: type.signature }, owner);
    const shape = this.#constant(type);
    return shapeFunction(isCyclic ? { ...shape, type: runtimeType("DictionaryShape") } : shape);
  }

  /**
   * Returns a reference to the TypeScript type of a named type or, if `isType` is false, to the constant of the same
   * name.
   */
  reference(type: NamedType, isType: boolean): ImportRef {
    const { module, name } = this.#names.type(type);
    return { name, from: { kind: "generated", module }, isType };
  }

  /** Returns whether values of `part`, which is contained in `whole`, can themselves contain values of `whole`. */
  #contains(part: Type, whole: NamedType): boolean {
    this.#cycles ??= typeCycles(this.#types);
    const cycle = this.#cycles.get(whole);
    return namedTypesOf(part).some((type) => this.#cycles?.get(type) === cycle);
  }

  #shape(type: Type): TypedCode | undefined {
    switch (type.kind) {
      case "array":
        return this.#inner("items", type.element);
      case "dict":
        return this.#inner("values", type.value);
      case "named":
        if (hasShape(type.type)) return this.#constant(type.type);
        if (type.type.kind === "mapping") return this.#inner("values", type.type.value.type);
        return type.type.kind === "simple" ? this.#shape(type.type.type) : undefined;
      default:
        return undefined;
    }
  }

  #inner(kind: "items" | "values", of: Type): TypedCode | undefined {
    const inner = this.#shape(of);
    if (inner === undefined) return undefined;
    const type = runtimeType(kind === "items" ? "ItemsShape" : "ValuesShape");
    return { type: [type, "<", inner.type, ">"], code: [`{ kind: "${kind}", of: `, inner.code, " }"] };
  }

  #constant(type: NamedType): TypedCode {
    const constant = this.reference(type, false);
    return { type: ["typeof ", constant], code: constant };
  }
}

/** An expression with its type. */
interface TypedCode {
  readonly type: Code;
  readonly code: Code;
}

/**
 * Returns the code of a function that returns a shape. Its result type is written explicitly: TypeScript cannot infer
 * the type of a constant that refers to itself, and compilers can then make declaration files from each module alone
 * (`isolatedDeclarations`).
 */
function shapeFunction({ type, code: shape }: TypedCode): Value {
  return code(["(): ", type, " => ", ...(Array.isArray(shape) ? ["(", shape, ")"] : [shape])]);
}

/** Returns whether a constant with the name of the type contains its shape. */
function hasShape({ kind }: NamedType): boolean {
  return kind === "struct" || kind === "dictionary" || kind === "choice";
}

/** Returns whether a readonly array of the type needs parentheses around its element. */
function needsBrackets(type: Type): boolean {
  if (type.kind === "named") return false;
  return (type.kind === "array" && type.signature !== "ay") || type.kind === "struct";
}
