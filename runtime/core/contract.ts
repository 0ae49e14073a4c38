import type { DBusErrorClass } from "./errors.ts";

/** Version of the format of generated contracts. It increases when existing generated modules must be regenerated. */
export const CONTRACT_VERSION = 2;

/** An interface as its spec declares it. A table of members is absent if the interface has no such members. */
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
 * The members of one kind that a contract declares, by identifier; an empty object type if the interface has no such
 * members.
 */
export type MembersOf<C extends InterfaceContract, Kind extends "methods" | "signals" | "properties"> = NonNullable<
  C[Kind]
>;

/** Annotations by name, with the values of the spec. */
export type Annotations = Readonly<Record<string, string>>;

export interface MethodContract {
  /** Member name on the wire. */
  readonly name: string;
  readonly in: readonly Argument[];
  readonly out: readonly Argument[];
  /** True if the method has no reply, so that none is sent or awaited. */
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
  /** Signature of one complete type, such as `a{sv}`. */
  readonly type: string;
  readonly access: "read" | "write" | "readwrite";
  /**
   * What PropertiesChanged contains for a change: the value, only the name, or nothing. A const property never changes.
   */
  readonly emits: "true" | "invalidates" | "const" | "false";
  /** Returns the shape of the value in TypeScript. Absent if the signature alone defines the value. */
  readonly as?: () => Shape;
  readonly annotations?: Annotations;
}

export interface Argument {
  /** Argument name in the spec; absent if it has no name. */
  readonly name?: string;
  /** Signature of one complete type, such as `a{sv}`. */
  readonly type: string;
  /** Returns the shape of the value in TypeScript. Absent if the signature alone defines the value. */
  readonly as?: () => Shape;
  readonly annotations?: Annotations;
}

/**
 * Shape of a value in TypeScript: a struct with field names, a declared dictionary, or an array or dictionary of these.
 */
export type Shape = StructShape | DictionaryShape | ChoiceShape | SelectedShape | ItemsShape | ValuesShape;

/** Shape of a struct with field names: the value is an object instead of a tuple. */
export interface StructShape {
  readonly kind: "struct";
  /** Fields in wire order, by identifier. */
  readonly fields: Readonly<Record<string, FieldShape>>;
}

/**
 * Shape of a dictionary whose keys the spec declares: the value is an object with optional members. Undeclared keys are
 * in `extra`.
 */
export interface DictionaryShape {
  readonly kind: "dictionary";
  /** Signature of all values on the wire. Absent for an `a{sv}`, whose values are variants of the declared types. */
  readonly values?: string;
  /** Entries by their identifier. */
  readonly entries: Readonly<Record<string, EntryShape>>;
  /**
   * Groups of entries whose keys match a pattern, by identifier. A key belongs to the first pattern that it matches.
   */
  readonly patterns?: Readonly<Record<string, PatternShape>>;
}

/** The entries of a dictionary whose keys match a pattern: the value is a record by the key on the wire. */
export interface PatternShape {
  /** Pattern with one `*`, which matches any text. */
  readonly pattern: string;
  /** Signature of the value inside the variant, which is one complete type. */
  readonly type: string;
  readonly as?: () => Shape;
}

/** Shape of a dictionary `a{sv}` whose declared keys depend on the value of one key, which is a string. */
export interface ChoiceShape {
  readonly kind: "choice";
  /** Key on the wire whose value selects the shape. Every case declares it with type `s`. */
  readonly key: string;
  /**
   * Shapes by the value of the key. A dictionary with another value, or without the key, has all its entries in
   * `extra`.
   */
  readonly cases: readonly ChoiceCase[];
}

/**
 * Shape of a struct `(sa{sv})` whose first field selects the declared keys of the dictionary: the value is an object
 * with both.
 */
export interface SelectedShape {
  readonly kind: "selected";
  /** Identifier of the first field of the struct. */
  readonly key: string;
  /** Identifier of the dictionary in the struct. */
  readonly entries: string;
  /**
   * Shapes by the value of the first field. A struct whose first field has another value becomes an object whose only
   * member, `extra`, is the tuple.
   */
  readonly cases: readonly ChoiceCase[];
}

/** A value of the key or field that selects a shape, and the selected shape. */
export interface ChoiceCase {
  readonly value: string;
  readonly as: () => DictionaryShape;
}

/** Shape of an array whose items have a shape. */
export interface ItemsShape<S extends Shape = Shape> {
  readonly kind: "items";
  readonly of: S;
}

/** Shape of a dictionary whose values have a shape. */
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
  /** Signature of the value inside the variant, which is one complete type. */
  readonly type: string;
  readonly as?: () => Shape;
}
