import type { Diagnostics } from "../diagnostics/diagnostic.ts";
import type {
  ChoiceDefinition,
  DictionaryDefinition,
  DictionaryKey,
  ChoiceCase as RawCase,
  Text,
} from "../read/introspection.ts";
import { shorten } from "../text/shorten.ts";
import { readAccess } from "./access.ts";
import { NO_DOC } from "./doc.ts";
import type { ChoiceCase, ChoiceType, DictionaryType, Entry, EntryPattern, Member, Type } from "./ir.ts";
import { readDoc } from "./markup.ts";
import { OPEN_DICTIONARY } from "./plain-type.ts";
import { reportIncomplete, reportRepeated, type TypeUses, typedMember } from "./typed-member.ts";

/** The functions of the type table that dictionaries and choices use. */
interface Types extends TypeUses {
  /** Returns the named type with a name. Its plain type must be `plain`. Returns undefined after an error. */
  link(named: Text, plain: Type, owner: string): Type | undefined;
}

/** The fields of every named type. */
type Common = Pick<DictionaryType, "name" | "hasArray" | "doc" | "span">;

/**
 * The stage that links dictionaries to the types of their keys, and choices to their dictionaries, after all other
 * types are linked.
 */
export class DictionaryLinks {
  readonly #types: Types;
  readonly #diagnostics: Diagnostics;
  readonly #deferred: (() => void)[] = [];
  /** Checks that run after all entries are linked. */
  readonly #checks: (() => void)[] = [];
  #isLinking = false;

  constructor(types: Types, diagnostics: Diagnostics) {
    this.#types = types;
    this.#diagnostics = diagnostics;
  }

  /** Returns a dictionary, whose entries `linkEntries` adds, or undefined after an error. */
  dictionary(definition: DictionaryDefinition, common: Common): DictionaryType | undefined {
    const value = this.#valueType(definition);
    if (value === undefined) return undefined;
    // The signature does not depend on the entries, which are linked later: so a dictionary may contain itself.
    const entries: Entry[] = [];
    const patterns: EntryPattern[] = [];
    this.#deferred.push(() => this.#linkKeys(definition, value, entries, patterns));
    return { ...common, kind: "dictionary", value, entries, patterns, signature: `a{s${value.signature}}` };
  }

  /** Returns a choice, whose cases `linkEntries` adds, or undefined after an error. */
  choice(definition: ChoiceDefinition, common: Common): ChoiceType | undefined {
    const fields = this.#choiceFields(definition);
    if (fields === undefined) return undefined;
    const cases: ChoiceCase[] = [];
    this.#deferred.push(() => this.#linkCases(definition, cases));
    const signature = definition.signature?.value ?? "a{sv}";
    return { ...common, kind: "choice", key: definition.key.value, cases, signature, ...fields };
  }

  /**
   * Links the entries and cases of all definitions that were added. The function loops, because dictionaries can form
   * chains that are too long for recursion. A nested call does nothing.
   */
  linkEntries(): void {
    if (this.#isLinking) return;
    this.#isLinking = true;
    for (let link = this.#deferred.pop(); link !== undefined; link = this.#deferred.pop()) link();
    for (const check of this.#checks.splice(0)) check();
    this.#isLinking = false;
  }

  /** Returns the type of the values of a dictionary on the wire, or undefined after an error. */
  #valueType(definition: DictionaryDefinition): Type | undefined {
    if (definition.signature === undefined) return { kind: "variant", signature: "v" };
    const type = this.#types.use({ signature: definition.signature }, `the type ${definition.name.value}`);
    if (type === undefined || (type.kind === "dict" && type.key.signature === "s")) return type?.value;
    const message = `a dictionary has string keys, as in a{sv}, not "${shorten(type.signature)}"`;
    return reportIncomplete(definition, message, this.#diagnostics);
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
      reportRepeated(seen, key.name, `the key "${shorten(key.name.value)}"`, this.#diagnostics);
      entries.push(...link(key));
    }
    for (const keys of definition.patterns) {
      const pattern = keys.pattern.value;
      reportRepeated(seen, keys.pattern, `the pattern "${shorten(pattern)}"`, this.#diagnostics);
      if (pattern.split("*").length === 2) patterns.push(...link(keys).map((entry) => ({ ...entry, pattern })));
      else {
        const message = `the pattern "${shorten(pattern)}" does not contain exactly one *`;
        this.#diagnostics.report("type-definition", keys.pattern.span, message);
      }
    }
  }

  #entry(key: DictionaryKey, of: DictionaryDefinition): readonly Entry[] {
    const access = key.access && readAccess(key.access, this.#diagnostics);
    const { default: defaultValue, nameForBindings } = key;
    return typedMember(key, of, this.#types).map((member) => ({
      ...member,
      ...(access && { access }),
      ...(defaultValue !== undefined && { default: defaultValue }),
      ...(nameForBindings !== undefined && { nameForBindings }),
    }));
  }

  /** Returns the fields of a choice that is a struct, or undefined after an error. */
  #choiceFields(definition: ChoiceDefinition): Partial<Pick<ChoiceType, "fields">> | undefined {
    const { signature, key, entries } = definition;
    if (signature === undefined || signature.value === "a{sv}") return {};
    if (signature.value !== "(sa{sv})") {
      const message = `a choice has the type a{sv} or (sa{sv}), not "${shorten(signature.value)}"`;
      return reportIncomplete(definition, message, this.#diagnostics);
    }
    if (entries === undefined) {
      const message = 'a choice of type (sa{sv}) names its second field, as in entries="Details"';
      return reportIncomplete(definition, message, this.#diagnostics);
    }
    const field = (name: Text, type: Type): Member => ({ name: name.value, type, doc: NO_DOC, span: name.span });
    const selector = field(key, { kind: "basic", code: "s", signature: "s" });
    return { fields: { selector, entries: field(entries, OPEN_DICTIONARY) } };
  }

  #linkCases(definition: ChoiceDefinition, cases: ChoiceCase[]): void {
    const seen = new Map<string, Text>();
    for (const choiceCase of definition.cases) {
      reportRepeated(seen, choiceCase.value, `the case "${shorten(choiceCase.value.value)}"`, this.#diagnostics);
      this.#linkCase(choiceCase, definition, cases);
    }
    if (definition.cases.length === 0)
      reportIncomplete(definition, "a choice has at least one case", this.#diagnostics);
  }

  /** Adds a case after the keys of its dictionary are linked. */
  #linkCase(raw: RawCase, { key, name, signature }: ChoiceDefinition, cases: ChoiceCase[]): void {
    const value = shorten(raw.value.value);
    const used = this.#types.link(raw.named, OPEN_DICTIONARY, `the case "${value}" of ${name.value}`);
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
}

/** Returns whether a value of a type can be equal to a given string. */
function canSelect(type: Type, value: string): boolean {
  if (type.kind === "basic") return type.code === "s";
  return (
    type.kind === "named" && type.type.kind === "enum" && type.type.values.some((member) => member.value === value)
  );
}
