import type { Names } from "../../compiler/names/identifiers.ts";
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

/** Where something stands: a file of the site, and a permalink in it. An empty page is the page itself. */
export interface Place {
  readonly page: string;
  readonly id?: string;
}

/** Whatever has a page of its own. */
export type Home = Interface | SharedTypes | ErrorDomain;
/** Whatever has a permalink on a page. */
export type Anchored = Method | Signal | Property | NamedType | EnumMember | Entry | ErrorDefinition;

/** Decides all files and permalinks of a site. They depend on names alone: what a page says never moves one. */
export class Places {
  readonly index: Place;
  readonly #ending: string;
  readonly #names: Names;
  readonly #places = new Map<object, Place>();
  readonly #homes = new Map<object, Home>();

  constructor(ir: Ir, names: Names, ending: ".html" | ".md") {
    this.#ending = ending;
    this.#names = names;
    this.index = { page: ending === ".html" ? "index.html" : "README.md" };
    for (const one of ir.interfaces) this.#interface(one);
    for (const shared of ir.shared) this.#types(shared, shared.types, this.#page(shared, "types-"), new Set());
    for (const domain of ir.errorDomains) this.#errors(domain);
  }

  /** The page of a thing that has one. */
  page(home: Home): Place {
    return this.#known(home);
  }

  /** The permalink of a thing. */
  of(thing: Anchored): Place {
    return this.#known(thing);
  }

  /** The page that a thing stands on. */
  homeOf(thing: Anchored): Home {
    const home = this.#homes.get(thing);
    if (home === undefined) throw new Error(`"${thing.name}" has no home`);
    return home;
  }

  #known(thing: Home | Anchored): Place {
    const place = this.#places.get(thing);
    if (place === undefined) throw new Error(`"${thing.name}" has no place`);
    return place;
  }

  #interface(one: Interface): void {
    const page = this.#page(one, "");
    const ids = new Set<string>();
    for (const method of one.methods) this.#anchor(method, one, page, `Method:${method.name}`, ids);
    for (const signal of one.signals) this.#anchor(signal, one, page, `Signal:${signal.name}`, ids);
    for (const property of one.properties) this.#anchor(property, one, page, `Property:${property.name}`, ids);
    this.#types(one, one.types, page, ids);
  }

  #types(home: Home, types: readonly NamedType[], page: string, ids: Set<string>): void {
    for (const type of types) {
      this.#anchor(type, home, page, `Type:${type.name}`, ids);
      const inside = type.kind === "dictionary" ? type.entries : "values" in type ? type.values : [];
      for (const part of inside) this.#anchor(part, home, page, `Type:${type.name}:${part.name}`, ids);
    }
  }

  #errors(domain: ErrorDomain): void {
    const page = this.#page(domain, "");
    const ids = new Set<string>();
    for (const error of domain.errors) this.#anchor(error, domain, page, `Error:${error.suffix}`, ids);
  }

  #page(home: Home, prefix: string): string {
    const page = `${prefix}${this.#names.module(home)}${this.#ending}`;
    this.#places.set(home, { page });
    return page;
  }

  /** Overloads share a name: from the second on they are counted. */
  #anchor(thing: Anchored, home: Home, page: string, wanted: string, ids: Set<string>): void {
    const plain = wanted.replace(/[^\w.:/-]/g, (character) => `~${(character.codePointAt(0) ?? 0).toString(16)}`);
    let id = plain;
    for (let count = 2; ids.has(id); count++) id = `${plain}~${count}`;
    ids.add(id);
    this.#places.set(thing, { page, id });
    this.#homes.set(thing, home);
  }
}

/** Returns the relative URL of a place, valid on every page of the site. Throws if it is not a file of the site. */
export function hrefOf({ page, id }: Place): string {
  if (!/^[\w.-]*$/.test(page) || (id !== undefined && !/^[\w.:/~-]+$/.test(id)))
    throw new Error(`"${page}#${id ?? ""}" is not a place of a site`);
  return id === undefined ? page : `${page}#${id}`;
}
