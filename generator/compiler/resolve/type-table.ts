import { MAX_VALUE_DEPTH } from "@dbus-codegen-ts/runtime/grammar";
import type { Diagnostics } from "../diagnostics/diagnostic.ts";
import type { MappingDefinition, StructDefinition, Text, TypeDefinition, TypeUse } from "../read/introspection.ts";
import { shorten } from "../text/shorten.ts";
import { withoutSuffix } from "../text/without-suffix.ts";
import { DictionaryLinks } from "./dictionary-links.ts";
import { enumMembers } from "./enum-values.ts";
import type { Member, NamedType, Type } from "./ir.ts";
import { readDoc } from "./markup.ts";
import { plainType } from "./plain-type.ts";
import { readSingleType } from "./signature.ts";
import { namedTypesOf } from "./type-cycles.ts";
import { reportIncomplete, typedMember } from "./typed-member.ts";
import { validateTypeName } from "./validate.ts";
import { typesIn } from "./walk.ts";

/** The type definitions of one folder. Each folder is a separate scope, so that two APIs may both define a type `State`. */
interface Scope {
  readonly folder: string;
  readonly definitions: Map<string, TypeDefinition>;
}

/** Largest depth of named types that contain or refine each other. Values cannot be nested deeper. */
const MAX_NAMED_TYPE_DEPTH = MAX_VALUE_DEPTH;
const TOO_DEEP = `named types are nested more than ${MAX_NAMED_TYPE_DEPTH} levels deep`;

/** All type definitions. A definition is linked when it is used for the first time. */
export class TypeTable {
  readonly #scopes = new Map<string, Scope>();
  readonly #resolved = new Map<TypeDefinition, NamedType | undefined>();
  readonly #linking = new Set<TypeDefinition>();
  readonly #depths = new Map<NamedType, number>();
  readonly #dictionaries: DictionaryLinks;
  readonly #diagnostics: Diagnostics;

  constructor(diagnostics: Diagnostics) {
    this.#diagnostics = diagnostics;
    const link = this.#link.bind(this);
    this.#dictionaries = new DictionaryLinks({ use: this.use.bind(this), link }, diagnostics);
  }

  /** Adds a definition. Reports a second definition with the same name in the same folder. */
  define(definition: TypeDefinition): void {
    const folder = folderOf(definition.name);
    const scope = this.#scopes.get(folder) ?? { folder, definitions: new Map() };
    this.#scopes.set(folder, scope);
    const { value, span } = definition.name;
    validateTypeName(definition.name, this.#diagnostics);
    const first = scope.definitions.get(value);
    if (first === undefined) scope.definitions.set(value, definition);
    else {
      this.#diagnostics.report("duplicate", span, `the type "${shorten(value)}" is defined twice`, {
        related: { message: "first defined here", span: first.name.span },
      });
    }
  }

  /** Returns the type of a declaration, linked to the named type of its `tp:type`. Returns undefined after an error. */
  use({ signature, named }: TypeUse, owner: string): Type | undefined {
    const parsed = readSingleType(signature, this.#diagnostics, owner);
    if (parsed === undefined) return undefined;
    const plain = plainType(parsed);
    if (named === undefined) return plain;
    return this.#link(named, plain, owner, signature) ?? plain;
  }

  /** Returns the linked form of a definition, or undefined if the definition is invalid. */
  resolve(definition: TypeDefinition): NamedType | undefined {
    if (this.#resolved.has(definition)) return this.#resolved.get(definition);
    this.#linking.add(definition);
    const resolved = this.#withinDepth(this.#build(definition), definition);
    this.#linking.delete(definition);
    this.#resolved.set(definition, resolved);
    if (this.#linking.size === 0) this.#dictionaries.linkEntries();
    return resolved;
  }

  /**
   * Returns a type, or undefined after reporting that it is nested too deeply. A dictionary counts as one level,
   * because its signature does not contain its entries.
   */
  #withinDepth(type: NamedType | undefined, definition: TypeDefinition): NamedType | undefined {
    if (type === undefined) return undefined;
    // Dictionaries and choices have no entries yet.
    const parts = typesIn(type).flatMap(namedTypesOf);
    const depth = 1 + parts.reduce((most, part) => Math.max(most, this.#depths.get(part) ?? 0), 0);
    if (depth > MAX_NAMED_TYPE_DEPTH) return reportIncomplete(definition, TOO_DEEP, this.#diagnostics);
    this.#depths.set(type, depth);
    return type;
  }

  /**
   * Links a declaration to the named type of its `tp:type`, whose plain type must be `plain`.
   *
   * @param signature - Text of the declared signature, if there is one. For a declaration of an overlay, it is in the
   *   file of the target.
   */
  #link(named: Text, plain: Type, owner: string, signature?: Text): Type | undefined {
    const name = withoutSuffix(named.value, "[]");
    const depth = (named.value.length - name.length) / 2;
    const [definition, ...others] = this.#find(name, [named, ...(signature === undefined ? [] : [signature])]);
    if (definition === undefined || others.length > 0) {
      const problem =
        definition === undefined ? "is not defined in the given specs" : "is defined in several other folders";
      this.#diagnostics.report("type-unknown", named.span, `the type "${shorten(name)}" ${problem}`, {
        hint: `the plain type "${shorten(plain.signature)}" is used`,
      });
      return undefined;
    }
    if (this.#linking.has(definition)) {
      const message = `the type "${shorten(name)}" contains itself, so it has no finite signature`;
      this.#diagnostics.report("type-definition", named.span, message);
      return undefined;
    }
    if (this.#linking.size >= MAX_NAMED_TYPE_DEPTH) {
      this.#diagnostics.report("type-definition", named.span, TOO_DEEP);
      return undefined;
    }
    const type = this.resolve(definition);
    if (type === undefined) return undefined;
    if (depth > 0 && !type.hasArray) {
      this.#diagnostics.report("type-definition", named.span, `"${name}[]" is used, but "${name}" has no array-name`, {
        hint: `add array-name="${name}_List" to its definition`,
      });
      return undefined;
    }
    const levels = this.#arrayLevels(type, depth, plain, named, owner, signature);
    if (levels === undefined) return undefined;
    let linked: Type = { kind: "named", type, signature: type.signature };
    for (let level = 0; level < levels; level++)
      linked = { kind: "array", element: linked, signature: `a${linked.signature}` };
    return linked;
  }

  /**
   * Returns the number of arrays that enclose a named type at its use. If the signature of the use is not the signature
   * of the named type in arrays, reports the difference and returns undefined.
   */
  #arrayLevels(
    type: NamedType,
    depth: number,
    plain: Type,
    named: Text,
    owner: string,
    declared?: Text,
  ): number | undefined {
    const signature = "a".repeat(depth) + type.signature;
    if (signature === plain.signature) return depth;
    const isElsewhere = declared !== undefined && declared.span.source !== named.span.source;
    const related = isElsewhere
      ? { message: "declared here", span: declared.span }
      : { message: "defined here", span: type.span };
    const [text, name] = [shorten(plain.signature), shorten(named.value)];
    if (`a${signature}` === plain.signature) {
      const message = `${owner} has type "${text}", but "${name}" is the type of its items`;
      this.#diagnostics.report("type-items", named.span, message, { hint: `write "${name}[]"`, related });
      return depth + 1;
    }
    const message = `${owner} has type "${text}", but "${name}" is "${shorten(signature)}"`;
    this.#diagnostics.report("type-mismatch", named.span, message, { related });
    return undefined;
  }

  /**
   * Returns the definitions that a name can mean: the definition in the folder of the first text whose folder has one,
   * or else all definitions in other folders.
   */
  #find(name: string, texts: readonly Text[]): readonly TypeDefinition[] {
    for (const text of texts) {
      const inFolder = this.#scopes.get(folderOf(text))?.definitions.get(name);
      if (inFolder !== undefined) return [inFolder];
    }
    return [...this.#scopes.values()].flatMap(({ definitions }) => definitions.get(name) ?? []);
  }

  #build(definition: TypeDefinition): NamedType | undefined {
    const { name, arrayName, docs, span } = definition;
    const common = { name: name.value, hasArray: arrayName !== undefined, doc: readDoc(docs), span };
    switch (definition.kind) {
      case "simple": {
        const type = this.use(definition.type, `the type ${name.value}`);
        return type && { ...common, kind: "simple", type, signature: type.signature };
      }
      case "enum":
      case "flags": {
        const type = this.use({ signature: definition.signature }, `the type ${name.value}`);
        if (
          type?.kind !== "basic" ||
          !/[ynqiuxts]/.test(type.code) ||
          (definition.kind === "flags" && type.code === "s")
        ) {
          if (type)
            reportIncomplete(
              definition,
              `${definition.kind === "enum" ? "an enum is an integer or a string" : "flags are an integer"}, not "${type.signature}"`,
              this.#diagnostics,
            );
          return undefined;
        }
        return {
          ...common,
          kind: definition.kind,
          code: type.code,
          signature: type.code,
          values: enumMembers(definition, type.code, this.#diagnostics),
        };
      }
      case "struct": {
        const members = this.#members(definition);
        if (members.length === 0)
          return reportIncomplete(definition, "a struct has at least one member", this.#diagnostics);
        return {
          ...common,
          kind: "struct",
          members,
          signature: `(${members.map(({ type }) => type.signature).join("")})`,
        };
      }
      case "mapping": {
        const [key, value, ...rest] = this.#members(definition);
        if (key === undefined || value === undefined || rest.length > 0)
          return reportIncomplete(definition, "a mapping has two members: key and value", this.#diagnostics);
        if (!/^[ybnqiuxtdsogh]$/.test(key.type.signature))
          return reportIncomplete(definition, "the key of a mapping is a basic type", this.#diagnostics);
        return { ...common, kind: "mapping", key, value, signature: `a{${key.type.signature}${value.type.signature}}` };
      }
      case "dictionary":
        return this.#dictionaries.dictionary(definition, common);
      case "choice":
        return this.#dictionaries.choice(definition, common);
    }
  }

  #members(definition: StructDefinition | MappingDefinition): readonly Member[] {
    return definition.members.flatMap((member) => typedMember(member, definition, this));
  }
}

/** Returns the folder of the file that contains a text. */
function folderOf({ span }: Text): string {
  const { path } = span.source;
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}
