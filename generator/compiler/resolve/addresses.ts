import { nearestWord } from "../text/nearest-word.ts";

/**
 * An interface for `Addresses.addInterface`: the interface itself, each member and each argument has a value of type T.
 */
export interface AddressedInterface<T> {
  readonly name: string;
  readonly value: T;
  readonly methods: readonly AddressedMember<T>[];
  readonly signals: readonly AddressedMember<T>[];
  readonly properties: readonly AddressedMember<T>[];
}

/** A member with a value, whose arguments have values, too. */
export interface AddressedMember<T> {
  readonly name: string;
  readonly value: T;
  /** Arguments of the member, in order. An argument with an empty name is addressed by its index, from 0. */
  readonly args: readonly { readonly name: string; readonly value: T }[];
}

/**
 * Values by the addresses of declarations, as options use them: `org.example.Lamp1` is an interface,
 * `org.example.Lamp1.Configure()` a method, `org.example.Lamp1::Blown` a signal, `org.example.Lamp1:Colour` a property,
 * and `[name]` after a method or signal is an argument. `org.example.Lamp1.Colour` is any member of that name.
 */
export class Addresses<T> {
  readonly #byAddress = new Map<string, T[]>();
  /** Values of members by addresses that do not contain the kind of the member, such as `org.example.Lamp1.Colour`. */
  readonly #membersByPlainAddress = new Map<string, T[]>();

  /** Registers a value. */
  add(address: string, value: T): void {
    push(this.#byAddress, address, value);
  }

  /** Registers an interface, its members and their arguments. */
  addInterface({ name, value, methods, signals, properties }: AddressedInterface<T>): void {
    this.add(name, value);
    for (const method of methods) this.#addMember(`${name}.${method.name}()`, `${name}.${method.name}`, method);
    for (const signal of signals) this.#addMember(`${name}::${signal.name}`, `${name}.${signal.name}`, signal);
    for (const property of properties)
      this.#addMember(`${name}:${property.name}`, `${name}.${property.name}`, property);
  }

  #addMember(address: string, plainAddress: string, { value, args }: AddressedMember<T>): void {
    push(this.#byAddress, address, value);
    push(this.#membersByPlainAddress, plainAddress, value);
    for (const [index, arg] of args.entries()) push(this.#byAddress, `${address}[${arg.name || index}]`, arg.value);
  }

  /**
   * Returns the values at an address. An address that does not contain the kind of the member is used only if no exact
   * address matches.
   */
  at(address: string): readonly T[] {
    return this.#byAddress.get(address) ?? this.#membersByPlainAddress.get(address) ?? [];
  }

  /** Returns the values at all addresses that match a pattern, in which `*` matches any part of a name. */
  matching(pattern: string): readonly T[] {
    if (!pattern.includes("*")) return this.at(pattern);
    return [...this.#byAddress].flatMap(([address, values]) => (matches(pattern, address) ? values : []));
  }

  /** Returns an address that is similar to an unknown one, or undefined. Addresses with the same prefix come first. */
  nearest(address: string): string | undefined {
    const addresses = [...this.#byAddress.keys(), ...this.#membersByPlainAddress.keys()];
    const prefix = prefixOf(address);
    const siblings = addresses.filter((other) => prefixOf(other) === prefix).map((other) => other.slice(prefix.length));
    const near = nearestWord(address.slice(prefix.length), siblings);
    if (near !== undefined) return prefix + near;
    return siblings.length > 0 ? undefined : nearestWord(address, addresses);
  }
}

/** Returns the part of an address before the name of the declaration itself. */
function prefixOf(address: string): string {
  return /^.*[.:]/.exec(address)?.[0] ?? "";
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

/**
 * Returns whether an address matches a pattern, in which `*` matches any number of characters of a name. After a
 * mismatch, only the last `*` is extended, so that the time is not exponential.
 */
function matches(pattern: string, address: string): boolean {
  let [inPattern, inAddress] = [0, 0];
  let star: { readonly after: number; end: number } | undefined;
  while (inAddress < address.length || inPattern < pattern.length) {
    if (pattern[inPattern] === "*") {
      inPattern++;
      star = { after: inPattern, end: inAddress };
    } else if (inAddress < address.length && pattern[inPattern] === address[inAddress]) {
      inPattern++;
      inAddress++;
    } else {
      if (star === undefined || !/[\w.-]/.test(address[star.end] ?? "")) return false;
      star.end++;
      [inPattern, inAddress] = [star.after, star.end];
    }
  }
  return true;
}
