import type { NamedMember } from "../../compiler/names/identifiers.ts";
import type { DictionaryType, EnumType, Member, NamedType, StructNamedType, Type } from "../../compiler/resolve/ir.ts";
import { typesIn } from "../../compiler/resolve/walk.ts";
import { shorten } from "../../compiler/text/shorten.ts";
import { placesOf } from "./changes.ts";
import { compareDeclared } from "./declared.ts";
import { pair } from "./pair.ts";
import type { Relation } from "./relation.ts";
import { compareUse } from "./uses.ts";
import type { Version, Versions } from "./version.ts";

/** Compares named types; types that differ by other named types alone are not repeated. */
export function compareTypes(versions: Versions, relation: Relation): void {
  new TypeComparer(versions, relation).compare();
}

class TypeComparer {
  readonly #versions: Versions;
  readonly #relation: Relation;

  constructor(versions: Versions, relation: Relation) {
    this.#versions = versions;
    this.#relation = relation;
  }

  compare(): void {
    const { types, changes, before, after } = this.#versions;
    for (const type of types.removed) {
      if (!isElsewhere(type, before, after)) continue;
      const near = after.ir.interfaces.find(({ name }) => name === homeOf(type, before))?.span;
      const message = `the type "${type.name}" is gone`;
      changes.report("type-removed", { before: type.span, ...(near && { near }) }, message);
    }
    for (const type of types.added) {
      if (isElsewhere(type, after, before))
        changes.report("type-added", { after: type.span }, `the type "${type.name}" is new`);
    }
    for (const [old, now] of types.kept) this.#type(old, now);
  }

  #type(old: NamedType, now: NamedType): void {
    const { changes, after } = this.#versions;
    const what = `the type "${now.name}"`;
    const places = { before: old.span, after: now.span };
    compareDeclared(what, old, now, this.#versions);
    this.#identity(old, now);
    if (!this.#isSameOnWire(old, now)) {
      const isUsed = after.used.has(now);
      if (!isUsed && old.kind === now.kind && primitiveOf(old) === primitiveOf(now)) return;
      const message = `${what} is "${shorten(now.signature)}", was "${shorten(old.signature)}"`;
      changes.report("type-signature", places, message, isUsed ? {} : { class: "source" });
      return;
    }
    if (old.kind !== now.kind) {
      const message = `${what} is ${KINDS[now.kind]}, was ${KINDS[old.kind]}`;
      changes.report("type-kind", places, message);
      return;
    }
    this.#parts(old, now);
  }

  /** Name and module in TypeScript. */
  #identity(old: NamedType, now: NamedType): void {
    const { before, after, changes } = this.#versions;
    const [was, is] = [before.names.type(old), after.names.type(now)];
    const places = { before: old.span, after: now.span };
    if (was?.module !== is?.module && isElsewhere(old, before, after)) {
      const message = `the type "${now.name}" is exported by ${is?.module}, was by ${was?.module}`;
      changes.report("type-moved", places, message);
    }
    if (old.name !== now.name)
      changes.report("type-renamed", places, `the type "${now.name}" was called "${old.name}"`);
    else if (was?.name !== is?.name)
      changes.report(
        "identifier-changed",
        places,
        `the type "${now.name}" is called ${is?.name} in TypeScript, was ${was?.name}`,
      );
  }

  /** Whether the signature is the same, or another only because of named types inside. */
  #isSameOnWire(old: NamedType, now: NamedType): boolean {
    if (old.signature === now.signature) return true;
    const [was, is] = [wireParts(old), wireParts(now)];
    return (
      old.kind === now.kind &&
      was.length > 0 &&
      was.length === is.length &&
      was.every((part, index) => {
        const other = is[index];
        return other !== undefined && this.#relation.isSameOnWire(part, other);
      })
    );
  }

  #parts(old: NamedType, now: NamedType): void {
    if (old.kind === "simple" && now.kind === "simple") {
      this.#use(`the type "${now.name}"`, old, now);
      this.#width(old, now);
    } else if (old.kind === "struct" && now.kind === "struct") this.#struct(old, now);
    else if (old.kind === "mapping" && now.kind === "mapping") {
      this.#use(`the key of the type "${now.name}"`, old.key, now.key);
      this.#use(`the value of the type "${now.name}"`, old.value, now.value);
    } else if (old.kind === "dictionary" && now.kind === "dictionary") this.#dictionary(old, now);
    else if (isEnum(old) && isEnum(now)) this.#enum(old, now);
  }

  /** A type that others are cases of takes all of them; one that is no longer such a type takes its own values alone. */
  #width(old: NamedType, now: NamedType): void {
    const { before, after, changes } = this.#versions;
    if (!before.wide.has(old) || after.wide.has(now) || !/^[ynqiuxtdsogh]$/.test(now.signature)) return;
    const message = `no type is a case of "${now.name}" any more: it takes its own values alone`;
    changes.report("type-meaning", { before: old.span, after: now.span }, message);
  }

  #struct(old: StructNamedType, now: StructNamedType): void {
    const { changes } = this.#versions;
    const [was, is] = [old.members.map(({ name }) => name), now.members.map(({ name }) => name)];
    if (was.join(" ") !== is.join(" ") && was.toSorted().join(" ") === is.toSorted().join(" ")) {
      const message = `the members of "${now.name}" are (${is.join(", ")}), were (${was.join(", ")}): same signature, other meaning`;
      changes.report("struct-order", { before: old.span, after: now.span }, message);
      return;
    }
    for (const [index, member] of now.members.entries()) {
      const before = old.members[index];
      if (before === undefined) continue;
      const what = `the member "${member.name}" of "${now.name}"`;
      if (before.name !== member.name)
        changes.report("struct-member-renamed", placesOf(before, member), `${what} was called "${before.name}"`);
      else this.#member(what, before, member);
      this.#use(what, before, member);
    }
  }

  #dictionary(old: DictionaryType, now: DictionaryType): void {
    const { changes } = this.#versions;
    const { kept, removed, added } = pair(old.entries, now.entries, ({ name }) => name);
    for (const { name, span } of removed) {
      const hint = "peers may still send it: it is found in extra";
      changes.report(
        "dictionary-key-removed",
        { before: span, near: now.span },
        `the key "${name}" of "${now.name}" is gone`,
        { hint },
      );
    }
    for (const { name, span } of added) {
      const hint = "code that took it out of extra finds it in a member of its own";
      changes.report("dictionary-key-added", { after: span }, `the key "${name}" of "${now.name}" is new`, { hint });
    }
    for (const [was, is] of kept) {
      const what = `the key "${is.name}" of "${now.name}"`;
      this.#member(what, was, is);
      if (!this.#relation.isSameOnWire(was.type, is.type)) {
        const message = `${what} has type "${shorten(is.type.signature)}", had "${shorten(was.type.signature)}"`;
        changes.report("dictionary-key-type", placesOf(was, is), message);
      } else this.#use(what, was, is);
      if ((was.access ?? "read") === (is.access ?? "read")) continue;
      const message = `the access of ${what} is ${is.access ?? "read"}, was ${was.access ?? "read"}`;
      changes.report("dictionary-key-access", placesOf(was, is), message);
    }
  }

  #enum(old: EnumType, now: EnumType): void {
    const { changes } = this.#versions;
    const what = `of the ${now.kind} "${now.name}"`;
    const byName = pair(old.values, now.values, ({ name }) => name);
    for (const [was, is] of byName.kept) {
      this.#member(`the value "${is.name}" ${what}`, was, is);
      if (was.value === is.value) continue;
      changes.report("enum-value-changed", placesOf(was, is), `"${is.name}" ${what} is ${is.value}, was ${was.value}`);
    }
    const byValue = pair(byName.removed, byName.added, ({ value }) => String(value));
    for (const [was, is] of byValue.kept)
      changes.report(
        "enum-value-renamed",
        placesOf(was, is),
        `the value ${is.value} ${what} is called "${is.name}", was "${was.name}"`,
      );
    for (const { name, span } of byValue.removed)
      changes.report("enum-value-removed", { before: span, near: now.span }, `"${name}" ${what} is gone`);
    for (const { name, span } of byValue.added) {
      const hint = now.kind === "enum" ? { hint: "a switch that names every value does not know it" } : {};
      changes.report("enum-value-added", { after: span }, `"${name}" ${what} is new`, hint);
    }
  }

  #member(what: string, was: NamedMember, is: NamedMember): void {
    const { before, after, changes } = this.#versions;
    compareDeclared(what, was, is, this.#versions);
    const [old, now] = [before.names.member(was), after.names.member(is)];
    if (old === now) return;
    changes.report("identifier-changed", placesOf(was, is), `${what} is called ${now} in TypeScript, was ${old}`);
  }

  #use(what: string, was: Typed, is: Typed): void {
    compareUse(what, [was.type, is.type], ["client", "service"], placesOf(was, is), this.#versions, this.#relation);
  }
}

type Typed = Pick<Member, "type" | "span">;

const KINDS: Readonly<Record<NamedType["kind"], string>> = {
  simple: "a simple type",
  enum: "an enum",
  flags: "flags",
  struct: "a struct",
  mapping: "a mapping",
  dictionary: "a dictionary",
};

function isEnum(type: NamedType): type is EnumType {
  return type.kind === "enum" || type.kind === "flags";
}

/** What TypeScript has for a signature: one type for all small numbers, one for large ones. */
function primitiveOf({ signature }: NamedType): string {
  return signature.replace(/^[ynqiud]$/, "number").replace(/^[xt]$/, "bigint");
}

/** The parts that make up the signature of a type. */
function wireParts(type: NamedType): readonly Type[] {
  return type.kind === "dictionary" ? [] : typesIn(type);
}

function homeOf(type: NamedType, { names }: Version): string {
  return names.type(type).module;
}

/** Whether the interface that a type belongs to is in the other version too: else that it is new or gone says it all. */
function isElsewhere(type: NamedType, own: Version, other: Version): boolean {
  const home = own.ir.interfaces.find(({ types }) => types.includes(type));
  return home === undefined || other.ir.interfaces.some(({ name }) => name === home.name);
}
