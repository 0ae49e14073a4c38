import type { BasicCode } from "@dbus-codegen-ts/runtime/grammar";
import type { Span } from "../diagnostics/source.ts";
import type { Doc } from "./doc.ts";

/** All that the given specs declare, checked and linked: what emitters and other readers work from. */
export interface Ir {
  /** Interfaces by name. */
  readonly interfaces: readonly Interface[];
  /** Types and errors that stand outside any interface, by home. */
  readonly shared: readonly SharedTypes[];
  readonly errorDomains: readonly ErrorDomain[];
}

/** Named types of a file without an interface of its own. */
export interface SharedTypes {
  /** Name of the spec file without its ending. */
  readonly name: string;
  readonly types: readonly NamedType[];
  readonly span: Span;
}

/** What every declared thing has. */
interface Declared {
  /** Name as the spec writes it; that on the wire, for members and interfaces. */
  readonly name: string;
  readonly doc: Doc;
  readonly span: Span;
}

export interface Interface extends Declared {
  /** Name of the spec file, without folders. */
  readonly file: string;
  readonly methods: readonly Method[];
  readonly signals: readonly Signal[];
  readonly properties: readonly Property[];
  readonly annotations: Annotations;
  readonly types: readonly NamedType[];
  /** Errors that its methods may raise, those that are defined. */
  readonly errors: readonly ErrorDefinition[];
}

export type Annotations = readonly (readonly [name: string, value: string])[];

export interface Method extends Declared {
  readonly in: readonly Argument[];
  readonly out: readonly Argument[];
  readonly noReply: boolean;
  readonly annotations: Annotations;
  readonly errors: readonly MethodError[];
}

/** An error a method may raise: defined in a given spec, or only named. */
export interface MethodError {
  readonly name: string;
  readonly definition?: ErrorDefinition;
  readonly doc: Doc;
  readonly span: Span;
}

export interface Signal extends Declared {
  readonly args: readonly Argument[];
  readonly annotations: Annotations;
}

export interface Property extends Declared {
  readonly type: Type;
  readonly access: Access;
  readonly emits: Emits;
  readonly annotations: Annotations;
}

export type Access = "read" | "write" | "readwrite";
export type Emits = "true" | "invalidates" | "const" | "false";

export interface Argument extends Declared {
  /** Empty where the spec gives none. */
  readonly name: string;
  readonly type: Type;
  readonly annotations: Annotations;
}

/** A complete type whose named parts are linked to their definitions. */
export type Type =
  | { readonly kind: "basic"; readonly code: BasicCode; readonly signature: string }
  | { readonly kind: "variant"; readonly signature: string }
  | { readonly kind: "array"; readonly element: Type; readonly signature: string }
  | { readonly kind: "dict"; readonly key: Type; readonly value: Type; readonly signature: string }
  | { readonly kind: "struct"; readonly fields: readonly Type[]; readonly signature: string }
  | { readonly kind: "named"; readonly type: NamedType; readonly signature: string };

export type NamedType = SimpleType | EnumType | StructNamedType | MappingType | DictionaryType;

interface Named extends Declared {
  readonly signature: string;
  readonly hasArray: boolean;
}

/** A basic or container type with a meaning of its own, such as a handle. */
export interface SimpleType extends Named {
  readonly kind: "simple";
  /** Its signature, or the wider type that it is a case of. */
  readonly type: Type;
}

export interface EnumType extends Named {
  readonly kind: "enum" | "flags";
  readonly code: BasicCode;
  readonly values: readonly EnumMember[];
}

export interface EnumMember extends Declared {
  readonly value: number | bigint | string;
}

export interface StructNamedType extends Named {
  readonly kind: "struct";
  readonly members: readonly Member[];
}

/** A dictionary whose key and value have meanings. */
export interface MappingType extends Named {
  readonly kind: "mapping";
  readonly key: Member;
  readonly value: Member;
}

export interface Member extends Declared {
  readonly type: Type;
}

/** The declared keys of an `a{sv}`. */
export interface DictionaryType extends Named {
  readonly kind: "dictionary";
  readonly entries: readonly Entry[];
}

export interface Entry extends Member {
  /** Who gives the value, where the spec says it. */
  readonly access?: Access;
  /** Default value in words. */
  readonly default?: string;
}

export interface ErrorDomain extends Declared {
  readonly errors: readonly ErrorDefinition[];
}

/** An error; its name is the whole one on the wire. */
export interface ErrorDefinition extends Declared {
  readonly domain: string;
  /** Name within its domain, such as `Cert.NotProvided`. */
  readonly suffix: string;
}
