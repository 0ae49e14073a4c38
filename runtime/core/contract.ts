import type { DBusErrorClass } from "./errors.ts";

/** Version of the shape of generated contracts. It increases when existing modules must be regenerated. */
export const CONTRACT_VERSION = 2;

/** An interface as its spec declares it. A table of members is absent where the interface has no such members. */
export interface InterfaceContract {
  readonly version: typeof CONTRACT_VERSION;
  /** Interface name on the wire. */
  readonly name: string;
  /** Methods by their identifier in TypeScript. */
  readonly methods?: Readonly<Record<string, MethodContract>>;
  /** Signals by their identifier in TypeScript. */
  readonly signals?: Readonly<Record<string, SignalContract>>;
  /** Properties by their identifier in TypeScript. */
  readonly properties?: Readonly<Record<string, PropertyContract>>;
  readonly annotations?: Annotations;
  /** Errors that its members may raise according to the spec. */
  readonly errors?: readonly DBusErrorClass[];
}

/**
 * The members of one kind that a contract declares, by identifier; an empty object type where it has no such members.
 */
export type MembersOf<C extends InterfaceContract, Kind extends "methods" | "signals" | "properties"> = NonNullable<
  C[Kind]
>;

/** Annotations by name, values verbatim. */
export type Annotations = Readonly<Record<string, string>>;

export interface MethodContract {
  /** Member name on the wire. */
  readonly name: string;
  readonly in: readonly Argument[];
  readonly out: readonly Argument[];
  /** True if no reply is sent or awaited. */
  readonly noReply?: true;
  readonly annotations?: Annotations;
}

export interface SignalContract {
  /** Member name on the wire. */
  readonly name: string;
  readonly args: readonly Argument[];
  readonly annotations?: Annotations;
}

export interface PropertyContract {
  /** Property name on the wire. */
  readonly name: string;
  /** One complete type. */
  readonly type: string;
  readonly access: "read" | "write" | "readwrite";
  /**
   * What PropertiesChanged contains for a change: the value, only the name, or nothing. A const property never changes.
   */
  readonly emits: "true" | "invalidates" | "const" | "false";
  /** Shape of the value in TypeScript, if its signature alone does not define it. */
  readonly as?: () => Shape;
  readonly annotations?: Annotations;
}

export interface Argument {
  /** Argument name in the spec; absent if it has no name. */
  readonly name?: string;
  /** One complete type. */
  readonly type: string;
  /** Shape of the value in TypeScript, if its signature alone does not define it. */
  readonly as?: () => Shape;
  readonly annotations?: Annotations;
}

/**
 * Shape of a value in TypeScript: a struct with field names, a declared dictionary, or an array or dictionary of these.
 */
export type Shape = StructShape | DictionaryShape | ChoiceShape | SelectedShape | ItemsShape | ValuesShape;

/** A struct with field names: an object instead of a tuple. */
export interface StructShape {
  readonly kind: "struct";
  /** Fields in wire order, by their identifier. */
  readonly fields: Readonly<Record<string, FieldShape>>;
}

/** A dictionary whose keys the spec declares: an object with optional members. Other keys are in `extra`. */
export interface DictionaryShape {
  readonly kind: "dictionary";
  /** Type of all values on the wire; absent for an `a{sv}`, whose values are variants of the declared types. */
  readonly values?: string;
  /** Entries by their identifier. */
  readonly entries: Readonly<Record<string, EntryShape>>;
  /** Entries with free keys, by their identifier. A key belongs to the first pattern that it matches. */
  readonly patterns?: Readonly<Record<string, PatternShape>>;
}

/** The entries of a dictionary whose keys match a pattern: a record by the key on the wire. */
export interface PatternShape {
  /** Pattern with one `*`, which matches any text. */
  readonly pattern: string;
  /** One complete type: the type of the value inside the variant. */
  readonly type: string;
  readonly as?: () => Shape;
}

/** A dictionary `a{sv}` that has a different shape for each value of one of its keys, which is a string. */
export interface ChoiceShape {
  readonly kind: "choice";
  /** Key on the wire whose value selects the shape. Every case declares it with type `s`. */
  readonly key: string;
  /** A dictionary with another value, or without the key, has all its entries in `extra`. */
  readonly cases: readonly ChoiceCase[];
}

/** A struct `(sa{sv})` whose first field selects the shape of the dictionary: an object with both fields. */
export interface SelectedShape {
  readonly kind: "selected";
  /** Identifier of the first field. */
  readonly key: string;
  /** Identifier of the dictionary. */
  readonly entries: string;
  /** Shapes by the value of the first field. A struct whose first field has no shape becomes an object with the tuple `extra`. */
  readonly cases: readonly ChoiceCase[];
}

/** A value of the selecting key or field and the shape that it selects. */
export interface ChoiceCase {
  readonly value: string;
  readonly as: () => DictionaryShape;
}

/** An array whose items have a shape. */
export interface ItemsShape<S extends Shape = Shape> {
  readonly kind: "items";
  readonly of: S;
}

/** A dictionary whose values have a shape. */
export interface ValuesShape<S extends Shape = Shape> {
  readonly kind: "values";
  readonly of: S;
}

export interface FieldShape {
  readonly type: string;
  readonly as?: () => Shape;
}

export interface EntryShape {
  /** Key on the wire. */
  readonly key: string;
  /** One complete type: the type of the value inside the variant. */
  readonly type: string;
  readonly as?: () => Shape;
}
