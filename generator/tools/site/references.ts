import type { Interface, Ir, NamedType } from "../../compiler/resolve/ir.ts";
import type { Home, Place, Places } from "./places.ts";

/** An index of the names that documentation mentions: interfaces, members, types, values and errors. */
export class References {
  readonly #places: Places;
  readonly #global = new Map<string, Place>();
  readonly #local = new Map<Home, Map<string, Place>>();
  readonly #folders = new Map<string, Map<string, Place>>();

  constructor(ir: Ir, places: Places) {
    this.#places = places;
    for (const iface of ir.interfaces) this.#interface(iface);
    for (const shared of ir.shared) this.#types(shared, shared.types);
    for (const domain of ir.errorDomains) {
      add(this.#global, domain.name, places.page(domain));
      for (const error of domain.errors) {
        add(this.#global, error.name, places.of(error));
        add(this.#folder(domain), error.suffix, places.of(error));
      }
    }
  }

  /** Returns the place of the declaration that a text names. Names on the given page take precedence. */
  find(text: string, home: Home): Place | undefined {
    const name = text.replace(/(\(\)|(\[\])+)$/, "");
    return this.#local.get(home)?.get(name) ?? this.#folder(home).get(name) ?? this.#global.get(name);
  }

  #interface(iface: Interface): void {
    add(this.#global, iface.name, this.#places.page(iface));
    const local = this.#localNames(iface);
    for (const member of [...iface.methods, ...iface.signals, ...iface.properties]) {
      add(local, member.name, this.#places.of(member));
      add(this.#global, `${iface.name}.${member.name}`, this.#places.of(member));
    }
    for (const { name } of iface.signals) this.#alias(`${iface.name}::`, name, local);
    for (const { name } of iface.properties) this.#alias(`${iface.name}:`, name, local);
    this.#types(iface, iface.types);
  }

  /** Adds the notation of GLib: signals are written as `a.b.C::Signal`, properties as `a.b.C:Property`. */
  #alias(prefix: string, name: string, local: ReadonlyMap<string, Place>): void {
    const place = local.get(name);
    if (place !== undefined) add(this.#global, prefix + name, place);
  }

  #types(home: Home, types: readonly NamedType[]): void {
    for (const type of types) {
      for (const names of [this.#localNames(home), this.#folder(home)]) {
        add(names, type.name, this.#places.of(type));
        if (type.kind !== "enum" && type.kind !== "flags") continue;
        for (const value of type.values) add(names, `${type.name}_${value.name}`, this.#places.of(value));
      }
    }
  }

  #localNames(home: Home): Map<string, Place> {
    return entry(this.#local, home);
  }

  #folder({ span }: Home): Map<string, Place> {
    const { path } = span.source;
    return entry(this.#folders, path.slice(0, Math.max(0, path.lastIndexOf("/"))));
  }
}

/** Adds a name unless it is taken. */
function add(names: Map<string, Place>, name: string, place: Place): void {
  if (!names.has(name)) names.set(name, place);
}

function entry<K>(maps: Map<K, Map<string, Place>>, key: K): Map<string, Place> {
  const map = maps.get(key) ?? new Map<string, Place>();
  maps.set(key, map);
  return map;
}

/** A word of plain text that may be a name: two or more elements, such as `net.connman.Manager.GetProperties()`. */
const QUALIFIED = /[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+(?:::?[A-Za-z_]\w*)?(?:\(\))?/g;

/** Splits a text into names that have a place and the text between them. */
export function linkWords(
  text: string,
  find: (name: string) => Place | undefined,
): readonly { readonly text: string; readonly place?: Place }[] {
  const parts: { readonly text: string; readonly place?: Place }[] = [];
  let end = 0;
  for (const match of text.matchAll(QUALIFIED)) {
    const place = find(match[0]);
    if (place === undefined) continue;
    if (match.index > end) parts.push({ text: text.slice(end, match.index) });
    parts.push({ text: match[0], place });
    end = match.index + match[0].length;
  }
  if (end < text.length) parts.push({ text: text.slice(end) });
  return parts;
}
