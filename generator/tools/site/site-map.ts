import type { Names } from "../../compiler/names/identifiers.ts";
import { NumberSuffixes } from "../../compiler/names/number-suffix.ts";
import type {
  Entry,
  EnumMember,
  ErrorDefinition,
  ErrorDomain,
  Interface,
  Ir,
  Method,
  NamedType,
  Property,
  SharedTypes,
  Signal,
} from "../../compiler/resolve/ir.ts";
import { keysOf } from "../../compiler/resolve/walk.ts";
import type { Location } from "./location.ts";
import { SourceLocations } from "./source-locations.ts";

/** A declaration or group of declarations that has a separate page. */
export type PageSubject = Interface | SharedTypes | ErrorDomain;
/** A declaration that has an anchor on a page. */
export type AnchoredDeclaration = Method | Signal | Property | NamedType | EnumMember | Entry | ErrorDefinition;

/** The locations of all declarations on a site. They depend only on names, so edits of documentation keep links valid. */
export class SiteMap {
  readonly index: Location;
  /** The pages of the specs. */
  readonly sources: SourceLocations;
  readonly #ending: string;
  readonly #names: Names;
  readonly #suffixes = new NumberSuffixes();
  readonly #locations = new Map<object, Location>();
  readonly #pageSubjects = new Map<object, PageSubject>();

  constructor(ir: Ir, names: Names, ending: ".html" | ".md") {
    this.#ending = ending;
    this.#names = names;
    this.index = { page: ending === ".html" ? "index.html" : "README.md" };
    for (const iface of ir.interfaces) this.#interface(iface);
    for (const shared of ir.shared) this.#types(shared, shared.types, this.#page(shared, "types-"), new Set());
    for (const domain of ir.errorDomains) this.#errors(domain);
    this.sources = new SourceLocations(ir, (iface) => this.page(iface).page);
  }

  /** Returns the page of a declaration that has a separate page. */
  page(subject: PageSubject): Location {
    return this.#locationOf(subject);
  }

  /** Returns the location of a declaration on a page. */
  of(declaration: AnchoredDeclaration): Location {
    return this.#locationOf(declaration);
  }

  /** Returns the subject of the page that contains a declaration. */
  pageSubjectOf(declaration: AnchoredDeclaration): PageSubject {
    const subject = this.#pageSubjects.get(declaration);
    if (subject === undefined) throw new Error(`"${declaration.name}" is on no page`);
    return subject;
  }

  #locationOf(declaration: PageSubject | AnchoredDeclaration): Location {
    const location = this.#locations.get(declaration);
    if (location === undefined) throw new Error(`"${declaration.name}" has no location`);
    return location;
  }

  #interface(iface: Interface): void {
    const page = this.#page(iface, "");
    const ids = new Set<string>();
    for (const method of iface.methods) this.#anchor(method, iface, page, `Method:${method.name}`, ids);
    for (const signal of iface.signals) this.#anchor(signal, iface, page, `Signal:${signal.name}`, ids);
    for (const property of iface.properties) this.#anchor(property, iface, page, `Property:${property.name}`, ids);
    this.#types(iface, iface.types, page, ids);
  }

  #types(subject: PageSubject, types: readonly NamedType[], page: string, ids: Set<string>): void {
    for (const type of types) {
      this.#anchor(type, subject, page, `Type:${type.name}`, ids);
      const parts = type.kind === "dictionary" ? keysOf(type) : "values" in type ? type.values : [];
      for (const part of parts) this.#anchor(part, subject, page, `Type:${type.name}:${part.name}`, ids);
    }
  }

  #errors(domain: ErrorDomain): void {
    const page = this.#page(domain, "");
    const ids = new Set<string>();
    for (const error of domain.errors) this.#anchor(error, domain, page, `Error:${error.suffix}`, ids);
  }

  #page(subject: PageSubject, prefix: string): string {
    const page = `${prefix}${this.#names.module(subject)}${this.#ending}`;
    this.#locations.set(subject, { page });
    return page;
  }

  /** Assigns an id. An id that is taken, as by an overload, gets a number. */
  #anchor(declaration: AnchoredDeclaration, subject: PageSubject, page: string, name: string, ids: Set<string>): void {
    const plain = name.replace(/[^\w.:/-]/g, (character) => `~${(character.codePointAt(0) ?? 0).toString(16)}`);
    const isFree = (candidate: string): boolean => !ids.has(candidate);
    const id = isFree(plain)
      ? plain
      : this.#suffixes.firstFree(`${page}#${plain}`, isFree, (number) => `${plain}~${number}`);
    ids.add(id);
    this.#locations.set(declaration, { page, id });
    this.#pageSubjects.set(declaration, subject);
  }
}
