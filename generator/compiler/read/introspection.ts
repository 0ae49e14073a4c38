import type { Span } from "../diagnostics/source.ts";
import type { XmlElement } from "./xml-element.ts";

/** A text of a spec and the place it stands at. */
export interface Text {
  readonly value: string;
  readonly span: Span;
}

/** What one spec file declares, in D-Bus words and unchecked but for its form. */
export interface Introspection {
  /** Path of the file. */
  readonly path: string;
  readonly interfaces: readonly IntrospectedInterface[];
  /** Types and errors declared outside any interface. */
  readonly types: readonly TypeDefinition[];
  readonly errorDomains: readonly ErrorDomain[];
}

/** Documentation of one thing: markup of any of the four kinds that specs use. */
export interface Documented {
  readonly docs: Docs;
  readonly span: Span;
}

export interface Docs {
  /** `tp:docstring`, `doc:doc` and `dox:` elements, and `tp:rationale` outside of them. */
  readonly markup: readonly XmlElement[];
  /** Text of a comment in the format of gtk-doc: paragraphs, with empty lines between them. */
  readonly text?: string;
  readonly added?: string;
  readonly deprecated?: string;
}

export interface Annotation {
  readonly name: Text;
  readonly value: Text;
}

export interface IntrospectedInterface extends Documented {
  readonly name: Text;
  readonly methods: readonly IntrospectedMethod[];
  readonly signals: readonly IntrospectedSignal[];
  readonly properties: readonly IntrospectedProperty[];
  readonly annotations: readonly Annotation[];
  readonly types: readonly TypeDefinition[];
  readonly contactAttributes: readonly TypedMember[];
}

export interface IntrospectedMethod extends Documented {
  readonly name: Text;
  readonly args: readonly IntrospectedArgument[];
  readonly annotations: readonly Annotation[];
  readonly errors: readonly PossibleError[];
}

export interface IntrospectedSignal extends Documented {
  readonly name: Text;
  readonly args: readonly IntrospectedArgument[];
  readonly annotations: readonly Annotation[];
}

export interface IntrospectedProperty extends Documented {
  readonly name: Text;
  readonly type: TypeUse;
  readonly access: Text;
  readonly annotations: readonly Annotation[];
}

export interface IntrospectedArgument extends Documented {
  readonly name?: Text;
  readonly type: TypeUse;
  readonly direction?: Text;
  readonly annotations: readonly Annotation[];
}

/** A signature, and the named type that gives it its meaning. */
export interface TypeUse {
  readonly signature: Text;
  /** Value of `tp:type`, such as `Param_Spec[]`. */
  readonly named?: Text;
}

export interface PossibleError extends Documented {
  readonly name: Text;
}

export interface ErrorDomain extends Documented {
  readonly namespace: Text;
  readonly errors: readonly PossibleError[];
}

/** A named thing with a type: a struct's member, a contact attribute. */
export interface TypedMember extends Documented {
  readonly name: Text;
  readonly type: TypeUse;
}

export type TypeDefinition =
  | SimpleTypeDefinition
  | EnumDefinition
  | StructDefinition
  | MappingDefinition
  | DictionaryDefinition;

interface Definition extends Documented {
  readonly name: Text;
  /** Name that an array of the type has; without one there is no such array. */
  readonly arrayName?: Text;
}

export interface SimpleTypeDefinition extends Definition {
  readonly kind: "simple";
  /** Its signature, and the wider type that it is a case of. */
  readonly type: TypeUse;
}

/** `tp:enum` and `tp:flags`. */
export interface EnumDefinition extends Definition {
  readonly kind: "enum" | "flags";
  readonly signature: Text;
  readonly values: readonly EnumValue[];
}

export interface EnumValue extends Documented {
  readonly name: Text;
  readonly value: Text;
}

export interface StructDefinition extends Definition {
  readonly kind: "struct";
  readonly members: readonly TypedMember[];
}

export interface MappingDefinition extends Definition {
  readonly kind: "mapping";
  readonly members: readonly TypedMember[];
}

/** `dct:dictionary`: the keys of an `a{sv}`. */
export interface DictionaryDefinition extends Definition {
  readonly kind: "dictionary";
  readonly keys: readonly DictionaryKey[];
}

export interface DictionaryKey extends TypedMember {
  readonly access?: Text;
  readonly default?: string;
}
