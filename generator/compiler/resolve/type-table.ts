import type { Diagnostics } from "../diagnostics/diagnostic.ts";
import type {
  ChoiceDefinition,
  DictionaryDefinition,
  DictionaryKey,
  EnumDefinition,
  ChoiceCase as RawCase,
  Text,
  TypeDefinition,
  TypedMember,
  TypeUse,
} from "../read/introspection.ts";
import { shorten } from "../text/shorten.ts";
import { withoutSuffix } from "../text/without-suffix.ts";
import { NO_DOC } from "./doc.ts";
import { readInteger } from "./enum-values.ts";
import type { Access, ChoiceCase, ChoiceType, Entry, EntryPattern, EnumMember, Member, NamedType, Type } from "./ir.ts";
import { readDoc } from "./markup.ts";
import { OPEN_DICTIONARY, plainType } from "./plain-type.ts";
import { readSingleType } from "./signature.ts";
import { namedTypesOf } from "./type-cycles.ts";
import { validateTypeName } from "./validate.ts";
import { typesIn } from "./walk.ts";

/** The type definitions of one folder. Each folder is a separate scope, so that two APIs may both define a type `State`. */
interface Scope {
  readonly folder: string;
  readonly definitions: Map<string, TypeDefinition>;
}

/** Largest number of named types that contain each other or refine each other. Values nest at most 64 levels deep. */
const MAX_TYPE_DEPTH = 64;
const TOO_DEEP = `named types are nested more than ${MAX_TYPE_DEPTH} levels deep`;

/** All type definitions. A definition is linked when it is used for the first time. */
export class TypeTable {
  readonly #scopes = new Map<string, Scope>();
  readonly #resolved = new Map<TypeDefinition, NamedType | undefined>();
  readonly #linking = new Set<TypeDefinition>();
  readonly #depths = new Map<NamedType, number>();
  /** Links dictionary entries after all other definitions are linked. */
  readonly #deferred: (() => void)[] = [];
  /** Checks of linked entries. */
  readonly #checks: (() => void)[] = [];
  #linksEntries = false;
  readonly #diagnostics: Diagnostics;

  constructor(diagnostics: Diagnostics) {
    this.#diagnostics = diagnostics;
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
    if (this.#linking.size === 0 && !this.#linksEntries) this.#linkEntries();
    return resolved;
  }

  /** Returns a type unless it is nested too deeply. Dictionaries count as one level: their signature has no entries. */
  #withinDepth(type: NamedType | undefined, definition: TypeDefinition): NamedType | undefined {
    if (type === undefined) return undefined;
    const parts = type.kind === "dictionary" || type.kind === "choice" ? [] : typesIn(type).flatMap(namedTypesOf);
    const depth = 1 + parts.reduce((most, part) => Math.max(most, this.#depths.get(part) ?? 0), 0);
    if (depth > MAX_TYPE_DEPTH) return this.#incomplete(definition, TOO_DEEP);
    this.#depths.set(type, depth);
    return type;
  }

  /** Links dictionary entries. It is a loop, because dictionaries can form long chains. */
  #linkEntries(): void {
    this.#linksEntries = true;
    for (let link = this.#deferred.pop(); link !== undefined; link = this.#deferred.pop()) link();
    for (const check of this.#checks.splice(0)) check();
    this.#linksEntries = false;
  }

  /** @param signature - Text of the signature at the use, if there is one. In an overlay it is in another file. */
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
    if (this.#linking.size >= MAX_TYPE_DEPTH) {
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
   * Returns the number of arrays that enclose a named type at its use. If the signature of the use differs from that of the
   * type, reports it and returns undefined.
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

  /** Returns the definition in the folder of the first text that has one, or else all definitions in other folders. */
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
            this.#incomplete(
              definition,
              `${definition.kind === "enum" ? "an enum is an integer or a string" : "flags are an integer"}, not "${type.signature}"`,
            );
          return undefined;
        }
        return {
          ...common,
          kind: definition.kind,
          code: type.code,
          signature: type.code,
          values: this.#values(definition, type.code),
        };
      }
      case "struct": {
        const members = definition.members.flatMap((member) => this.#member(member, definition));
        if (members.length === 0) return this.#incomplete(definition, "a struct has at least one member");
        return {
          ...common,
          kind: "struct",
          members,
          signature: `(${members.map(({ type }) => type.signature).join("")})`,
        };
      }
      case "mapping": {
        const [key, value, ...rest] = definition.members.flatMap((member) => this.#member(member, definition));
        if (key === undefined || value === undefined || rest.length > 0)
          return this.#incomplete(definition, "a mapping has two members: key and value");
        if (!/^[ybnqiuxtdsogh]$/.test(key.type.signature))
          return this.#incomplete(definition, "the key of a mapping is a basic type");
        return { ...common, kind: "mapping", key, value, signature: `a{${key.type.signature}${value.type.signature}}` };
      }
      case "dictionary": {
        const value = this.#valueType(definition);
        if (value === undefined) return undefined;
        // The signature does not depend on the entries, which are linked later: so a dictionary may contain itself.
        const entries: Entry[] = [];
        const patterns: EntryPattern[] = [];
        this.#deferred.push(() => this.#linkKeys(definition, value, entries, patterns));
        return { ...common, kind: "dictionary", value, entries, patterns, signature: `a{s${value.signature}}` };
      }
      case "choice": {
        const fields = this.#choiceFields(definition);
        if (fields === undefined) return undefined;
        const cases: ChoiceCase[] = [];
        this.#deferred.push(() => this.#linkCases(definition, cases));
        const signature = definition.signature?.value ?? "a{sv}";
        return { ...common, kind: "choice", key: definition.key.value, cases, signature, ...fields };
      }
    }
  }

  /** Returns the type of the values of a dictionary on the wire, or undefined after an error. */
  #valueType(definition: DictionaryDefinition): Type | undefined {
    if (definition.signature === undefined) return { kind: "variant", signature: "v" };
    const type = this.use({ signature: definition.signature }, `the type ${definition.name.value}`);
    if (type === undefined || (type.kind === "dict" && type.key.signature === "s")) return type?.value;
    return this.#incomplete(definition, `a dictionary has string keys, as in a{sv}, not "${shorten(type.signature)}"`);
  }

  #linkKeys(definition: DictionaryDefinition, value: Type, entries: Entry[], patterns: EntryPattern[]): void {
    const seen = new Map<string, Text>();
    const link = (key: DictionaryKey): readonly Entry[] =>
      this.#entry(key, definition).filter((entry) => {
        if (value.kind === "variant" || entry.type.signature === value.signature) return true;
        const message = `"${shorten(key.name.value)}" has type "${shorten(entry.type.signature)}", but all values of ${definition.name.value} are "${shorten(value.signature)}"`;
        const related = { message: "declared here", span: definition.signature?.span ?? definition.span };
        this.#diagnostics.report("type-mismatch", key.type.signature.span, message, { related });
        return false;
      });
    for (const key of definition.keys) {
      this.#reportRepeated(seen, key.name, `the key "${shorten(key.name.value)}"`);
      entries.push(...link(key));
    }
    for (const keys of definition.patterns) {
      const pattern = keys.pattern.value;
      this.#reportRepeated(seen, keys.pattern, `the pattern "${shorten(pattern)}"`);
      if (pattern.split("*").length === 2) patterns.push(...link(keys).map((entry) => ({ ...entry, pattern })));
      else {
        const message = `the pattern "${shorten(pattern)}" does not contain exactly one *`;
        this.#diagnostics.report("type-definition", keys.pattern.span, message);
      }
    }
  }

  /** Returns the fields of a choice that is a struct, or undefined after an error. */
  #choiceFields(definition: ChoiceDefinition): Partial<Pick<ChoiceType, "fields">> | undefined {
    const { signature, key, entries } = definition;
    if (signature === undefined || signature.value === "a{sv}") return {};
    if (signature.value !== "(sa{sv})")
      return this.#incomplete(definition, `a choice has the type a{sv} or (sa{sv}), not "${shorten(signature.value)}"`);
    if (entries === undefined)
      return this.#incomplete(definition, 'a choice of type (sa{sv}) names its second field, as in entries="Details"');
    const field = (name: Text, type: Type): Member => ({ name: name.value, type, doc: NO_DOC, span: name.span });
    const selector = field(key, { kind: "basic", code: "s", signature: "s" });
    return { fields: { selector, entries: field(entries, OPEN_DICTIONARY) } };
  }

  #linkCases(definition: ChoiceDefinition, cases: ChoiceCase[]): void {
    const seen = new Map<string, Text>();
    for (const choiceCase of definition.cases) {
      this.#reportRepeated(seen, choiceCase.value, `the case "${shorten(choiceCase.value.value)}"`);
      this.#linkCase(choiceCase, definition, cases);
    }
    if (definition.cases.length === 0) this.#incomplete(definition, "a choice has at least one case");
  }

  /** Adds a case after the keys of its dictionary are linked. */
  #linkCase(raw: RawCase, { key, name, signature }: ChoiceDefinition, cases: ChoiceCase[]): void {
    const value = shorten(raw.value.value);
    const used = this.#link(raw.named, OPEN_DICTIONARY, `the case "${value}" of ${name.value}`);
    if (used === undefined) return;
    const type = used.kind === "named" && used.type.kind === "dictionary" ? used.type : undefined;
    if (type === undefined) {
      const message = `"${shorten(raw.named.value)}", which the case "${value}" selects, is not a dct:dictionary`;
      this.#diagnostics.report("type-definition", raw.named.span, message);
      return;
    }
    if (signature?.value === "(sa{sv})") {
      cases.push({ name: raw.value.value, type, doc: readDoc(raw.docs), span: raw.span });
      return;
    }
    this.#checks.push(() => {
      const selector = type.entries.find((entry) => entry.name === key.value);
      if (selector !== undefined && canSelect(selector.type, raw.value.value))
        cases.push({ name: raw.value.value, type, selector, doc: readDoc(raw.docs), span: raw.span });
      else {
        const message = `"${shorten(type.name)}", which the case "${value}" selects, has no key "${shorten(key.value)}" that can be the string "${value}"`;
        const related = { message: "defined here", span: type.span };
        this.#diagnostics.report("type-definition", raw.named.span, message, { related });
      }
    });
  }

  #member(member: TypedMember, of: TypeDefinition): readonly Member[] {
    const type = this.use(member.type, `"${shorten(member.name.value)}" of the type ${of.name.value}`);
    return type === undefined ? [] : [{ name: member.name.value, type, doc: readDoc(member.docs), span: member.span }];
  }

  #entry(key: DictionaryKey, of: TypeDefinition): readonly Entry[] {
    const access = this.#access(key.access);
    const { default: defaultValue, nameForBindings } = key;
    return this.#member(key, of).map((member) => ({
      ...member,
      ...(access && { access }),
      ...(defaultValue !== undefined && { default: defaultValue }),
      ...(nameForBindings !== undefined && { nameForBindings }),
    }));
  }

  #values(definition: EnumDefinition, code: string): readonly EnumMember[] {
    const seen = new Map<string, Text>();
    return definition.values.flatMap((value) => {
      this.#reportRepeated(seen, value.name, `the value "${shorten(value.name.value)}"`);
      const integer = code === "s" ? value.value.value : readInteger(value, code);
      if (integer === undefined) {
        this.#diagnostics.report(
          "type-definition",
          value.value.span,
          `"${shorten(value.value.value)}" is not a value of type "${code}"`,
        );
        return [];
      }
      return [{ name: value.name.value, value: integer, doc: readDoc(value.docs), span: value.span }];
    });
  }

  #access(access: Text | undefined): Access | undefined {
    if (access === undefined) return undefined;
    if (isAccess(access.value)) return access.value;
    this.#diagnostics.report(
      "access",
      access.span,
      `access "${shorten(access.value)}" is not read, write or readwrite`,
    );
    return undefined;
  }

  #reportRepeated(seen: Map<string, Text>, name: Text, description: string): void {
    const first = seen.get(name.value);
    if (first === undefined) seen.set(name.value, name);
    else
      this.#diagnostics.report("duplicate", name.span, `${description} is defined twice`, {
        related: { message: "first defined here", span: first.span },
      });
  }

  #incomplete(definition: TypeDefinition, message: string): undefined {
    this.#diagnostics.report("type-definition", definition.name.span, message);
    return undefined;
  }
}

/** Returns the folder of the file that contains a text. */
function folderOf({ span }: Text): string {
  const { path } = span.source;
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** Returns whether a key of a type can have a string as its value. */
function canSelect(type: Type, value: string): boolean {
  if (type.kind === "basic") return type.code === "s";
  return (
    type.kind === "named" && type.type.kind === "enum" && type.type.values.some((member) => member.value === value)
  );
}

export function isAccess(text: string): text is Access {
  return text === "read" || text === "write" || text === "readwrite";
}
