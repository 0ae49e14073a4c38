import type { Doc } from "../resolve/doc.ts";

/** One generated module without text layout. The print stage adds imports, layout and escapes. */
export interface FileModel {
  /** Path in the output folder. */
  readonly path: string;
  /** Name of the spec file from which the module was generated, without folders. */
  readonly from: string;
  readonly declarations: readonly Declaration[];
}

export type Declaration = ConstDeclaration | TypeDeclaration | InterfaceDeclaration | ClassDeclaration;

/** The declaration `export const name = value as const;`. */
export interface ConstDeclaration {
  readonly kind: "const";
  readonly name: string;
  readonly doc?: DocModel;
  readonly value: Value;
}

/** The declaration `export type name = type;`. */
export interface TypeDeclaration {
  readonly kind: "type";
  readonly name: string;
  readonly doc?: DocModel;
  readonly type: Code;
}

export interface InterfaceDeclaration {
  readonly kind: "interface";
  readonly name: string;
  readonly doc?: DocModel;
  /** The interface that the declared interface extends. */
  readonly extends?: Code;
  readonly members: readonly FieldModel[];
}

export interface FieldModel {
  readonly name: string;
  readonly doc?: DocModel;
  readonly type: Code;
  readonly isReadonly: boolean;
  readonly isOptional: boolean;
}

export interface ClassDeclaration {
  readonly kind: "class";
  readonly name: string;
  readonly doc?: DocModel;
  readonly isAbstract: boolean;
  readonly extends: Code;
  readonly statics: readonly { readonly name: string; readonly value: Value }[];
  readonly members: readonly MethodModel[];
}

/** A constructor, a method of one statement, or an abstract method. */
export interface MethodModel {
  readonly name: string;
  readonly doc?: DocModel;
  readonly parameters: readonly ParameterModel[];
  /** Result type; absent for a constructor. */
  readonly returns?: Code;
  /** The only statement; absent for an abstract method. */
  readonly body?: Code;
}

export interface ParameterModel {
  readonly name: string;
  readonly type: Code;
  readonly isOptional?: boolean;
}

/** TypeScript code in which imported names are references and listings can be divided into lines. */
export type Code = string | ImportRef | Listing | DocumentedCode | readonly Code[];

/** An item of a listing with a doc comment above it. */
export interface DocumentedCode {
  readonly doc: DocModel;
  readonly code: Code;
}

/** Items between brackets: on one line if they fit, otherwise on several lines. */
export interface Listing {
  readonly open: string;
  readonly items: readonly Code[];
  readonly close: string;
  /** Whether the syntax forbids a comma after the last item. */
  readonly isStrict?: true;
  /** Whether a line takes as many items as fit; otherwise each item has its own line. */
  readonly isFilled?: true;
  /** Whether the items are on several lines even if they fit on one. */
  readonly isExpanded?: boolean;
}

/** A reference to an export of another module. */
export interface ImportRef {
  readonly name: string;
  readonly from: ModuleRef;
  readonly isType: boolean;
}

/**
 * The module of an import: the runtime, another package, or a module of the same project, which is given by its path
 * without ending.
 */
export type ModuleRef =
  | { readonly kind: "runtime" }
  | { readonly kind: "package"; readonly name: string }
  | { readonly kind: "generated"; readonly module: string };

/** A constant as data. The print stage escapes its texts and keys. */
export type Value =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "literal"; readonly value: number | bigint | boolean }
  | { readonly kind: "code"; readonly code: Code }
  | { readonly kind: "list"; readonly items: readonly Value[] }
  | { readonly kind: "object"; readonly fields: readonly ValueField[] };

export interface ValueField {
  readonly name: string;
  readonly value: Value;
  readonly doc?: DocModel;
}

/** A doc comment. */
export interface DocModel {
  /** Documentation from the spec. */
  readonly doc: Doc;
  /** A sentence of the generator that is added to the last paragraph of the documentation. It is not escaped. */
  readonly sentence?: string;
  readonly tags: readonly DocTag[];
}

export interface DocTag {
  readonly tag: "param" | "returns" | "throws" | "remarks" | "since" | "deprecated" | "defaultValue";
  /** Subject of the tag: the name of a parameter, or a link to an error class. */
  readonly subject?: string;
  readonly doc: Doc;
}

export const text = (value: string): Value => ({ kind: "text", text: value });
export const literal = (value: number | bigint | boolean): Value => ({ kind: "literal", value });
export const code = (value: Code): Value => ({ kind: "code", code: value });
export const list = (items: readonly Value[]): Value => ({ kind: "list", items });

/** Returns an object without the fields whose value is undefined. */
export function object(fields: Readonly<Record<string, Value | undefined>>): Value {
  return {
    kind: "object",
    fields: Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }])),
  };
}

export const runtimeType = (name: string): ImportRef => ({ name, from: { kind: "runtime" }, isType: true });
export const runtimeValue = (name: string): ImportRef => ({ name, from: { kind: "runtime" }, isType: false });
export const packageValue = (from: string, name: string): ImportRef => ({
  name,
  from: { kind: "package", name: from },
  isType: false,
});
