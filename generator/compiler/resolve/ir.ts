import type { BasicCode } from "@dbus-codegen-ts/runtime/grammar";
import type { Span } from "../diagnostics/source.ts";
import type { MethodAnnotations, PropertyAnnotations } from "./annotation-table.ts";
import type { Doc } from "./doc.ts";

/** All given specs, checked and linked. Emitters, lint rules and the other tools read it. */
export interface Ir {
  /** Interfaces, sorted by name. Standard interfaces such as `org.freedesktop.DBus.Properties` are not included. */
  readonly interfaces: readonly Interface[];
  /** Named types that are declared outside interfaces, one entry per file, sorted by path. */
  readonly shared: readonly SharedTypes[];
  readonly errorDomains: readonly ErrorDomain[];
}

/** The named types that a file declares outside interfaces. */
export interface SharedTypes {
  /** Name of the spec file without its ending. */
  readonly name: string;
  readonly types: readonly NamedType[];
  readonly span: Span;
}

/** The fields of every declaration. */
interface Declared {
  /** Name in the spec. For interfaces, members and errors it is also the name on the bus. */
  readonly name: string;
  readonly doc: Doc;
  /** Position of the name in the spec. */
  readonly span: Span;
}

/** A D-Bus interface. */
export interface Interface extends Declared {
  /** Name of the spec file, without folders. */
  readonly file: string;
  readonly methods: readonly Method[];
  readonly signals: readonly Signal[];
  readonly properties: readonly Property[];
  readonly annotations: Annotations;
  /** Named types that are declared inside the interface. */
  readonly types: readonly NamedType[];
  /** Errors that the methods may raise and that a given spec defines. */
  readonly errors: readonly ErrorDefinition[];
}

/** All annotations of a declaration, interpreted or not. Each name occurs once. */
export type Annotations = readonly (readonly [name: string, value: string])[];

/** A method of an interface. */
export interface Method extends Declared, MethodAnnotations {
  readonly in: readonly Argument[];
  readonly out: readonly Argument[];
  readonly annotations: Annotations;
  readonly errors: readonly MethodError[];
}

/** An error that a method may raise. */
export interface MethodError {
  /** Error name on the bus. */
  readonly name: string;
  /** Definition of the error; absent if no given spec defines it. */
  readonly definition?: ErrorDefinition;
  readonly doc: Doc;
  readonly span: Span;
}

/** A signal of an interface. */
export interface Signal extends Declared {
  readonly args: readonly Argument[];
  readonly annotations: Annotations;
}

/** A property of an interface. */
export interface Property extends Declared, PropertyAnnotations {
  readonly type: Type;
  readonly access: Access;
  readonly annotations: Annotations;
}

export type Access = "read" | "write" | "readwrite";

/** An argument of a method or signal. */
export interface Argument extends Declared {
  /** Name in the spec; empty if the argument has none. */
  readonly name: string;
  readonly type: Type;
  readonly annotations: Annotations;
}

/** A complete type. In each variant of this union, `signature` is the signature on the bus. */
export type Type =
  | { readonly kind: "basic"; readonly code: BasicCode; readonly signature: string }
  | { readonly kind: "variant"; readonly signature: string }
  | { readonly kind: "array"; readonly element: Type; readonly signature: string }
  | { readonly kind: "dict"; readonly key: Type; readonly value: Type; readonly signature: string }
  | { readonly kind: "struct"; readonly fields: readonly Type[]; readonly signature: string }
  | { readonly kind: "named"; readonly type: NamedType; readonly signature: string };

/** A type that a spec declares and that other declarations refer to by name. */
export type NamedType = SimpleType | EnumType | StructNamedType | MappingType | DictionaryType | ChoiceType;

interface Named extends Declared {
  readonly signature: string;
  /** Whether the spec declares a name for arrays of the type, so that `Name[]` can be used. */
  readonly hasArray: boolean;
}

/** A name for another type, such as `Contact_Handle` for `u` (`tp:simple-type`). */
export interface SimpleType extends Named {
  readonly kind: "simple";
  /** The plain type, or the named type that this type refines. */
  readonly type: Type;
}

/** A set of named values. Flags can be combined. (`tp:enum`, `tp:flags`) */
export interface EnumType extends Named {
  readonly kind: "enum" | "flags";
  readonly code: BasicCode;
  readonly values: readonly EnumMember[];
}

/** A value of an enum or a flag. */
export interface EnumMember extends Declared {
  /** A bigint for the 64-bit codes `x` and `t`, a string for `s`, else a number. */
  readonly value: number | bigint | string;
}

/** A struct with named members (`tp:struct`). */
export interface StructNamedType extends Named {
  readonly kind: "struct";
  readonly members: readonly Member[];
}

/** A dictionary with described keys and values (`tp:mapping`). */
export interface MappingType extends Named {
  readonly kind: "mapping";
  readonly key: Member;
  readonly value: Member;
}

/** A member of a struct, or the key or value of a mapping. */
export interface Member extends Declared {
  readonly type: Type;
}

/** A dictionary with declared keys (`dct:dictionary`): an `a{sv}`, or an `a{s…}` of another type of values. */
export interface DictionaryType extends Named {
  readonly kind: "dictionary";
  /** Type of the values on the wire: a variant if each key has a separate type, otherwise the type of all values. */
  readonly value: Type;
  readonly entries: readonly Entry[];
  /** Keys that match a pattern and no entry. A key belongs to the first pattern that it matches. */
  readonly patterns: readonly EntryPattern[];
}

/** A key of a dictionary with the type of its value. */
export interface Entry extends Member {
  /** Side that sets the value: `read` is the service, `write` the client, `readwrite` both. Absent if not declared. */
  readonly access?: Access;
  /** Default value as text for documentation. */
  readonly default?: string;
  /** Name from which the identifier is derived, in place of the key. */
  readonly nameForBindings?: string;
}

/** The keys of a dictionary that match a pattern (`dct:keys`). `name` is the name of the group. */
export interface EntryPattern extends Entry {
  /** Pattern with one `*`, which matches any text. */
  readonly pattern: string;
}

/**
 * An `a{sv}` that has a different definition for each value of one of its keys, or a struct `(sa{sv})` whose first field
 * selects the definition (`dct:choice`).
 */
export interface ChoiceType extends Named {
  readonly kind: "choice";
  /**
   * For an `a{sv}`, the key on the wire whose value, a string, selects the dictionary. For a struct, the name of its
   * first field.
   */
  readonly key: string;
  /** The two fields of a struct; absent for an `a{sv}`. */
  readonly fields?: { readonly selector: Member; readonly entries: Member };
  readonly cases: readonly ChoiceCase[];
}

/** The dictionary that applies if the selecting key or field has the value `name`. */
export interface ChoiceCase extends Declared {
  readonly type: DictionaryType;
  /** The declared key whose value selects the case; absent for a struct. */
  readonly selector?: Entry;
}

/** The errors with a common prefix (`tp:errors`). `name` is the prefix. */
export interface ErrorDomain extends Declared {
  readonly errors: readonly ErrorDefinition[];
}

/** An error. `name` is the full name on the bus. */
export interface ErrorDefinition extends Declared {
  /** Name of the error domain. */
  readonly domain: string;
  /** Name without the domain, such as `Cert.NotProvided`. */
  readonly suffix: string;
}
