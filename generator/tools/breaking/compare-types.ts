import type { NamedMember } from "../../compiler/names/identifiers.ts";
import type {
  ChoiceCase,
  ChoiceType,
  DictionaryType,
  Entry,
  EntryPattern,
  EnumType,
  Member,
  NamedType,
  StructNamedType,
  Type,
} from "../../compiler/resolve/ir.ts";
import { keysOf, typesIn } from "../../compiler/resolve/walk.ts";
import { shorten } from "../../compiler/text/shorten.ts";
import { spansOf } from "./change.ts";
import { TARGETS } from "./change-kind.ts";
import { compareDeclarations } from "./compare-declarations.ts";
import { compareValueTypes } from "./compare-value-types.ts";
import { pair } from "./pair.ts";
import type { Comparison, Version } from "./version.ts";

/** Compares named types. A type that changed only because of a named type inside it is not reported. */
export function compareTypes(comparison: Comparison): void {
  new TypeComparer(comparison).compare();
}

class TypeComparer {
  readonly #comparison: Comparison;

  constructor(comparison: Comparison) {
    this.#comparison = comparison;
  }

  compare(): void {
    const { types, changes, before, after } = this.#comparison;
    for (const type of types.removed) {
      if (!isInterfaceKept(type, before, after)) continue;
      const module = before.names.type(type).module;
      const near = after.interfaces.get(module)?.span;
      const message = `the type "${type.name}" was removed`;
      changes.report("type-removed", { before: type.span, ...(near && { near }) }, message);
    }
    for (const type of types.added) {
      if (isInterfaceKept(type, after, before))
        changes.report("type-added", { after: type.span }, `the type "${type.name}" was added`);
    }
    for (const [old, now] of types.kept) this.#compareType(old, now);
  }

  #compareType(old: NamedType, now: NamedType): void {
    const { changes, after } = this.#comparison;
    const description = `the type "${now.name}"`;
    const spans = spansOf(old, now);
    compareDeclarations(description, old, now, this.#comparison);
    this.#compareExports(old, now);
    if (!this.#isSameOnWire(old, now)) {
      const isUsed = after.used.has(now);
      if (!isUsed && old.kind === now.kind && primitiveOf(old) === primitiveOf(now)) return;
      const message = `${description} is "${shorten(now.signature)}", was "${shorten(old.signature)}"`;
      changes.report("type-signature", spans, message, isUsed ? {} : { class: "source" });
      return;
    }
    if (old.kind !== now.kind) {
      const message = `${description} is ${KIND_NAMES[now.kind]}, was ${KIND_NAMES[old.kind]}`;
      changes.report("type-kind", spans, message);
      return;
    }
    this.#compareParts(old, now);
  }

  /** Compares the name of a type and the module that exports it. */
  #compareExports(old: NamedType, now: NamedType): void {
    const { before, after, changes } = this.#comparison;
    const [oldExport, newExport] = [before.names.type(old), after.names.type(now)];
    const spans = spansOf(old, now);
    if (oldExport.module !== newExport.module && isInterfaceKept(old, before, after)) {
      const message = `the type "${now.name}" is exported by ${newExport.module}, was by ${oldExport.module}`;
      changes.report("type-moved", spans, message);
    }
    if (old.name !== now.name) {
      changes.report("type-renamed", spans, `the type "${now.name}" was called "${old.name}"`);
    } else if (oldExport.name !== newExport.name) {
      const message = `the type "${now.name}" is called ${newExport.name} in TypeScript, was ${oldExport.name}`;
      changes.report("identifier-changed", spans, message);
    }
  }

  /** Returns whether the signatures are equal, or differ only inside a named type, which is reported separately. */
  #isSameOnWire(old: NamedType, now: NamedType): boolean {
    if (old.signature === now.signature) return true;
    const [oldParts, newParts] = [wirePartsOf(old), wirePartsOf(now)];
    return (
      old.kind === now.kind &&
      oldParts.length > 0 &&
      oldParts.length === newParts.length &&
      oldParts.every((oldPart, index) => {
        const newPart = newParts[index];
        return newPart !== undefined && this.#comparison.relation.isSameOnWire(oldPart, newPart);
      })
    );
  }

  #compareParts(old: NamedType, now: NamedType): void {
    if (old.kind === "simple" && now.kind === "simple") {
      this.#compareValues(`the type "${now.name}"`, old, now);
      this.#compareRefinements(old, now);
    } else if (old.kind === "struct" && now.kind === "struct") this.#compareStructs(old, now);
    else if (old.kind === "mapping" && now.kind === "mapping") {
      this.#compareValues(`the key of the type "${now.name}"`, old.key, now.key);
      this.#compareValues(`the value of the type "${now.name}"`, old.value, now.value);
    } else if (old.kind === "dictionary" && now.kind === "dictionary") this.#compareDictionaries(old, now);
    else if (old.kind === "choice" && now.kind === "choice") this.#compareChoices(old, now);
    else if (isEnum(old) && isEnum(now)) this.#compareEnums(old, now);
  }

  /** Reports a type that no other type refines any more: it no longer accepts every value of its signature. */
  #compareRefinements(old: NamedType, now: NamedType): void {
    const { before, after, changes } = this.#comparison;
    if (!before.refined.has(old) || after.refined.has(now) || !/^[ynqiuxtdsogh]$/.test(now.signature)) return;
    const message = `no type refines "${now.name}" any more, so it accepts only its own values in TypeScript`;
    changes.report("type-meaning", spansOf(old, now), message);
  }

  #compareStructs(old: StructNamedType, now: StructNamedType): void {
    const { changes } = this.#comparison;
    const [oldNames, newNames] = [old.members.map(({ name }) => name), now.members.map(({ name }) => name)];
    if (oldNames.join(" ") !== newNames.join(" ") && oldNames.toSorted().join(" ") === newNames.toSorted().join(" ")) {
      const message = `the members of "${now.name}" are (${newNames.join(", ")}), were (${oldNames.join(", ")}), with the same signature`;
      changes.report("struct-order", spansOf(old, now), message);
      return;
    }
    for (const [index, after] of now.members.entries()) {
      const before = old.members[index];
      if (before === undefined) continue;
      const description = `the member "${after.name}" of "${now.name}"`;
      if (before.name !== after.name)
        changes.report("struct-member-renamed", spansOf(before, after), `${description} was called "${before.name}"`);
      else this.#compareMember(description, before, after);
      this.#compareValues(description, before, after);
    }
  }

  #compareDictionaries(old: DictionaryType, now: DictionaryType): void {
    const { changes, relation } = this.#comparison;
    const { kept, removed, added } = pair(keysOf(old), keysOf(now), ({ name }) => name);
    for (const { name, span } of removed) {
      const message = `the key "${name}" of "${now.name}" was removed`;
      const hint = "peers may still send it; its value is then in extra";
      changes.report("dictionary-key-removed", { before: span, near: now.span }, message, { hint });
    }
    for (const { name, span } of added) {
      const message = `the key "${name}" of "${now.name}" was added`;
      const hint = "code that read it from extra finds it in a separate member now";
      changes.report("dictionary-key-added", { after: span }, message, { hint });
    }
    for (const [before, after] of kept) {
      const description = `the key "${after.name}" of "${now.name}"`;
      this.#compareMember(description, before, after);
      if (!relation.isSameOnWire(before.type, after.type)) {
        const message = `${description} has type "${shorten(after.type.signature)}", had "${shorten(before.type.signature)}"`;
        changes.report("dictionary-key-type", spansOf(before, after), message);
      } else this.#compareValues(description, before, after);
      const [oldPattern, newPattern] = [patternOf(before), patternOf(after)];
      if (oldPattern !== newPattern) {
        const message = `${description} is for ${describePattern(newPattern)}, was for ${describePattern(oldPattern)}`;
        changes.report("dictionary-key-pattern", spansOf(before, after), message);
      }
      const [oldAccess, newAccess] = [before.access ?? "read", after.access ?? "read"];
      if (oldAccess === newAccess) continue;
      const message = `the access of ${description} is ${newAccess}, was ${oldAccess}`;
      changes.report("dictionary-key-access", spansOf(before, after), message);
    }
  }

  #compareField(type: string, before: Member, after: Member): void {
    if (before.name === after.name) return;
    const message = `the member "${after.name}" of "${type}" was called "${before.name}"`;
    this.#comparison.changes.report("struct-member-renamed", spansOf(before, after), message);
  }

  #compareChoices(old: ChoiceType, now: ChoiceType): void {
    const { changes, relation } = this.#comparison;
    if (old.fields !== undefined && now.fields !== undefined) {
      this.#compareField(now.name, old.fields.selector, now.fields.selector);
      this.#compareField(now.name, old.fields.entries, now.fields.entries);
    } else if (old.key !== now.key) {
      const message = `the key "${shorten(now.key)}" selects the cases of "${now.name}", was "${shorten(old.key)}"`;
      changes.report("choice-key", spansOf(old, now), message);
    }
    const { kept, removed, added } = pair(old.cases, now.cases, ({ name }) => name);
    for (const { name, span } of removed) {
      const message = `the case "${shorten(name)}" of "${now.name}" was removed`;
      changes.report("choice-case-removed", { before: span, near: now.span }, message);
    }
    for (const { name, span } of added) {
      const message = `the case "${shorten(name)}" of "${now.name}" was added`;
      const hint = "a switch over all cases does not handle it; its entries were in extra";
      changes.report("choice-case-added", { after: span }, message, { hint });
    }
    for (const [before, after] of kept) {
      const [oldType, newType] = [typeOfCase(before), typeOfCase(after)];
      if (relation.isSame(oldType, newType)) continue;
      const message = `the case "${shorten(after.name)}" of "${now.name}" is "${after.type.name}", was "${before.type.name}"`;
      changes.report("type-meaning", spansOf(before, after), message);
    }
  }

  #compareEnums(old: EnumType, now: EnumType): void {
    const { changes } = this.#comparison;
    const owner = `the ${now.kind} "${now.name}"`;
    const byName = pair(old.values, now.values, ({ name }) => name);
    for (const [before, after] of byName.kept) {
      this.#compareMember(`the value "${after.name}" of ${owner}`, before, after);
      if (before.value === after.value) continue;
      const message = `"${after.name}" of ${owner} is ${after.value}, was ${before.value}`;
      changes.report("enum-value-changed", spansOf(before, after), message);
    }
    const byValue = pair(byName.removed, byName.added, ({ value }) => String(value));
    for (const [before, after] of byValue.kept) {
      const message = `the value ${after.value} of ${owner} is called "${after.name}", was "${before.name}"`;
      changes.report("enum-value-renamed", spansOf(before, after), message);
    }
    for (const { name, span } of byValue.removed)
      changes.report("enum-value-removed", { before: span, near: now.span }, `"${name}" of ${owner} was removed`);
    for (const { name, span } of byValue.added) {
      const hint = now.kind === "enum" ? { hint: "a switch over all values does not handle it" } : {};
      changes.report("enum-value-added", { after: span }, `"${name}" of ${owner} was added`, hint);
    }
  }

  #compareMember(description: string, before: NamedMember, after: NamedMember): void {
    const { names } = this.#comparison.before;
    compareDeclarations(description, before, after, this.#comparison);
    const [oldName, newName] = [names.member(before), this.#comparison.after.names.member(after)];
    if (oldName === newName) return;
    const message = `${description} is called ${newName} in TypeScript, was ${oldName}`;
    this.#comparison.changes.report("identifier-changed", spansOf(before, after), message);
  }

  #compareValues(description: string, before: Typed, after: Typed): void {
    compareValueTypes(description, [before.type, after.type], TARGETS, spansOf(before, after), this.#comparison);
  }
}

type Typed = Pick<Member, "type" | "span">;

const KIND_NAMES: Readonly<Record<NamedType["kind"], string>> = {
  simple: "a simple type",
  enum: "an enum",
  flags: "flags",
  struct: "a struct",
  mapping: "a mapping",
  dictionary: "a dictionary",
  choice: "a choice",
};

function typeOfCase({ type }: ChoiceCase): Type {
  return { kind: "named", type, signature: type.signature };
}

function patternOf(entry: Entry | EntryPattern): string | undefined {
  return "pattern" in entry ? entry.pattern : undefined;
}

function describePattern(pattern: string | undefined): string {
  return pattern === undefined ? "one key" : `the keys "${shorten(pattern)}"`;
}

function isEnum(type: NamedType): type is EnumType {
  return type.kind === "enum" || type.kind === "flags";
}

/** Returns the TypeScript type of a type's signature: all integers of up to 32 bits and doubles have the same type. */
function primitiveOf({ signature }: NamedType): string {
  return signature.replace(/^[ynqiud]$/, "number").replace(/^[xt]$/, "bigint");
}

/** Returns the types that determine the signature of a named type. */
function wirePartsOf(type: NamedType): readonly Type[] {
  if (type.kind === "dictionary") return [type.value];
  return type.kind === "choice" ? [] : typesIn(type);
}

/**
 * Returns whether the interface that declares a type is in the other version, too. Otherwise the interface itself is
 * reported as added or removed. Shared types belong to no interface.
 */
function isInterfaceKept(type: NamedType, version: Version, otherVersion: Version): boolean {
  const iface = version.declaredIn.get(type);
  return iface === undefined || otherVersion.interfaces.has(iface.name);
}
