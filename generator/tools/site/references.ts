import type { Interface, Ir, NamedType } from "../../compiler/resolve/ir.ts";
import { withoutSuffix } from "../../compiler/text/without-suffix.ts";
import type { Location } from "./location.ts";
import type { PageSubject, SiteMap } from "./site-map.ts";

/** An index of the names that documentation mentions: interfaces, members, types, values and errors. */
export class References {
  readonly #siteMap: SiteMap;
  readonly #global = new Map<string, Location>();
  readonly #local = new Map<PageSubject, Map<string, Location>>();
  readonly #folders = new Map<string, Map<string, Location>>();

  constructor(ir: Ir, siteMap: SiteMap) {
    this.#siteMap = siteMap;
    for (const iface of ir.interfaces) this.#interface(iface);
    for (const shared of ir.shared) this.#types(shared, shared.types);
    for (const domain of ir.errorDomains) {
      add(this.#global, domain.name, siteMap.page(domain));
      for (const error of domain.errors) {
        add(this.#global, error.name, siteMap.of(error));
        add(this.#folder(domain), error.suffix, siteMap.of(error));
      }
    }
  }

  /** Returns the location of the declaration that a text names. Names on the given page take precedence. */
  find(text: string, subject: PageSubject): Location | undefined {
    const name = text.endsWith("()") ? text.slice(0, -2) : withoutSuffix(text, "[]");
    return this.#local.get(subject)?.get(name) ?? this.#folder(subject).get(name) ?? this.#global.get(name);
  }

  #interface(iface: Interface): void {
    add(this.#global, iface.name, this.#siteMap.page(iface));
    const local = this.#localNames(iface);
    for (const member of [...iface.methods, ...iface.signals, ...iface.properties]) {
      add(local, member.name, this.#siteMap.of(member));
      add(this.#global, `${iface.name}.${member.name}`, this.#siteMap.of(member));
    }
    for (const { name } of iface.signals) this.#alias(`${iface.name}::`, name, local);
    for (const { name } of iface.properties) this.#alias(`${iface.name}:`, name, local);
    this.#types(iface, iface.types);
  }

  /** Adds a name in the notation of GLib: `a.b.C::Signal` for a signal, `a.b.C:Property` for a property. */
  #alias(prefix: string, name: string, local: ReadonlyMap<string, Location>): void {
    const location = local.get(name);
    if (location !== undefined) add(this.#global, prefix + name, location);
  }

  #types(subject: PageSubject, types: readonly NamedType[]): void {
    for (const type of types) {
      for (const names of [this.#localNames(subject), this.#folder(subject)]) {
        add(names, type.name, this.#siteMap.of(type));
        if (type.kind !== "enum" && type.kind !== "flags") continue;
        for (const value of type.values) add(names, `${type.name}_${value.name}`, this.#siteMap.of(value));
      }
    }
  }

  #localNames(subject: PageSubject): Map<string, Location> {
    return entry(this.#local, subject);
  }

  #folder({ span }: PageSubject): Map<string, Location> {
    const { path } = span.source;
    return entry(this.#folders, path.slice(0, Math.max(0, path.lastIndexOf("/"))));
  }
}

/** Adds a name unless it is taken. */
function add(names: Map<string, Location>, name: string, location: Location): void {
  if (!names.has(name)) names.set(name, location);
}

function entry<K>(maps: Map<K, Map<string, Location>>, key: K): Map<string, Location> {
  const map = maps.get(key) ?? new Map<string, Location>();
  maps.set(key, map);
  return map;
}

/** A word of plain text that may be a name: two or more elements, such as `net.connman.Manager.GetProperties()`. */
const QUALIFIED = /(?<!\w)[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+(?:::?[A-Za-z_]\w*)?(?:\(\))?/g;

/** Splits a text into names that have a location and the text between them. */
export function linkWords(
  text: string,
  find: (name: string) => Location | undefined,
): readonly { readonly text: string; readonly location?: Location }[] {
  const parts: { readonly text: string; readonly location?: Location }[] = [];
  let end = 0;
  for (const match of text.matchAll(QUALIFIED)) {
    const location = find(match[0]);
    if (location === undefined) continue;
    if (match.index > end) parts.push({ text: text.slice(end, match.index) });
    parts.push({ text: match[0], location });
    end = match.index + match[0].length;
  }
  if (end < text.length) parts.push({ text: text.slice(end) });
  return parts;
}
