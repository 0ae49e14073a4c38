import type { Span } from "../diagnostics/source.ts";
import type { XmlElement, XmlNode } from "./xml-element.ts";

/** A text with its position in a spec. */
export interface Text {
  readonly value: string;
  readonly span: Span;
}

/** The declarations of one spec file, not yet linked or validated. */
export interface Introspection {
  /** Path of the file. */
  readonly path: string;
  readonly interfaces: readonly IntrospectedInterface[];
  /** Types that are declared outside interfaces. */
  readonly types: readonly TypeDefinition[];
  readonly errorDomains: readonly ErrorDomain[];
  /** Declarations that enrich interfaces of other files. Present in an overlay, which has no interfaces. */
  readonly overlay?: Overlay;
}

/** A partial spec that enriches the interfaces of other specs (`dct:overlay`). */
export interface Overlay {
  /** Name of the service whose interfaces the overlay enriches. */
  readonly name: Text;
  readonly interfaces: readonly InterfaceOverlay[];
}

/** The fields of every declaration of an overlay. */
interface Enrichment extends Documented {
  readonly annotations: readonly Annotation[];
  /** Whether only some versions of the service have the declaration (`dct:since`, `dct:until`). */
  readonly isVersioned: boolean;
}

/** What an overlay adds to an interface. */
export interface InterfaceOverlay extends Enrichment {
  readonly name: Text;
  readonly methods: readonly MethodOverlay[];
  readonly signals: readonly MemberOverlay[];
  readonly properties: readonly PropertyOverlay[];
  readonly types: readonly TypeDefinition[];
}

/** What an overlay adds to a method or signal. */
export interface MemberOverlay extends Enrichment {
  readonly name: Text;
  readonly args: readonly ArgumentOverlay[];
}

/** What an overlay adds to a method. */
export interface MethodOverlay extends MemberOverlay {
  readonly errors: readonly PossibleError[];
}

/** What an overlay adds to a property. The signature and the access must be those of the property. */
export interface PropertyOverlay extends Enrichment {
  readonly name: Text;
  readonly signature?: Text;
  /** Value of `tp:type`. */
  readonly named?: Text;
  readonly access?: Text;
}

/** What an overlay adds to an argument. The signature and the direction must be those of the argument. */
export interface ArgumentOverlay extends Enrichment {
  readonly name?: Text;
  /** Index of the argument among all arguments of the member, from 0. Without it, the name identifies the argument. */
  readonly index?: Text;
  readonly signature?: Text;
  /** Value of `tp:type`. */
  readonly named?: Text;
  readonly direction?: Text;
}

/** A declaration with documentation. */
export interface Documented {
  readonly docs: Docs;
  readonly span: Span;
}

/** Documentation of a declaration in one of the formats that specs use. */
export interface Docs {
  /** The elements `tp:docstring`, `doc:doc`, `dox:…` and `tp:rationale`. */
  readonly markup: readonly XmlElement[];
  /** Text and DocBook elements of a gtk-doc comment. Empty lines divide paragraphs. */
  readonly gtkDoc?: readonly XmlNode[];
  /** Version in which the declaration was added. */
  readonly added?: string;
  /** Version in which the declaration was deprecated; empty if the version is not known. */
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

/** The type of a declaration: a signature, and optionally a named type. */
export interface TypeUse {
  readonly signature: Text;
  /** Value of `tp:type`, such as `Param_Spec[]`. */
  readonly named?: Text;
}

/** An error that a method may raise, or that a domain defines. */
export interface PossibleError extends Documented {
  readonly name: Text;
}

/** `tp:errors`: errors with a common prefix. */
export interface ErrorDomain extends Documented {
  readonly namespace: Text;
  readonly errors: readonly PossibleError[];
}

/** A name with a type: a struct member or a contact attribute. */
export interface TypedMember extends Documented {
  readonly name: Text;
  readonly type: TypeUse;
}

/** The definition of a named type. */
export type TypeDefinition =
  | SimpleTypeDefinition
  | EnumDefinition
  | StructDefinition
  | MappingDefinition
  | DictionaryDefinition
  | ChoiceDefinition;

interface Definition extends Documented {
  readonly name: Text;
  /** Name of arrays of the type. Without it, `Name[]` cannot be used. */
  readonly arrayName?: Text;
}

/** The definition of a simple type, `tp:simple-type` or `tp:external-type`. */
export interface SimpleTypeDefinition extends Definition {
  readonly kind: "simple";
  /** The signature and, for a refinement, the wider named type. */
  readonly type: TypeUse;
}

/** The definition of an enum, `tp:enum`, or of flags, `tp:flags`. */
export interface EnumDefinition extends Definition {
  readonly kind: "enum" | "flags";
  readonly signature: Text;
  readonly values: readonly EnumValue[];
}

/** A value of an enum, `tp:enumvalue`, or of flags, `tp:flag`. */
export interface EnumValue extends Documented {
  readonly name: Text;
  readonly value: Text;
}

/** The definition of a struct, `tp:struct`. */
export interface StructDefinition extends Definition {
  readonly kind: "struct";
  readonly members: readonly TypedMember[];
}

/** The definition of a mapping, `tp:mapping`. A valid one has two members: the key and the value. */
export interface MappingDefinition extends Definition {
  readonly kind: "mapping";
  readonly members: readonly TypedMember[];
}

/** The definition of a dictionary with declared keys, `dct:dictionary`. */
export interface DictionaryDefinition extends Definition {
  readonly kind: "dictionary";
  /** Signature of the dictionary; absent for `a{sv}`. */
  readonly signature?: Text;
  readonly keys: readonly DictionaryKey[];
  readonly patterns: readonly KeyPattern[];
}

/** A declared key of a dictionary, `dct:key`. */
export interface DictionaryKey extends TypedMember {
  readonly access?: Text;
  readonly default?: string;
  /** `tp:name-for-bindings`: the name in programs, for a key from which no good identifier can be derived. */
  readonly nameForBindings?: string;
}

/** A declaration of all keys that match a pattern, `dct:keys`. */
export interface KeyPattern extends DictionaryKey {
  readonly pattern: Text;
}

/** `dct:choice`: a dictionary that has a different definition for each value of one of its keys, or of the field before it. */
export interface ChoiceDefinition extends Definition {
  readonly kind: "choice";
  /** Signature of the choice; absent for `a{sv}`. */
  readonly signature?: Text;
  /** Key whose value selects the case; for a struct, the name of the field whose value selects it. */
  readonly key: Text;
  /** For a struct, the name of the field that contains the dictionary; absent for an `a{sv}`. */
  readonly entries?: Text;
  readonly cases: readonly ChoiceCase[];
}

/** A case of a choice, `dct:case`. */
export interface ChoiceCase extends Documented {
  readonly value: Text;
  /** Name of the dictionary type that applies in this case. */
  readonly named: Text;
}
