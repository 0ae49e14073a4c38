import { nearestWord } from "../text/nearest-word.ts";

/** An interface whose parts can be called from outside. */
export interface AddressedInterface<T> {
  readonly name: string;
  readonly thing: T;
  readonly methods: readonly AddressedMember<T>[];
  readonly signals: readonly AddressedMember<T>[];
  readonly properties: readonly AddressedMember<T>[];
}

export interface AddressedMember<T> {
  readonly name: string;
  readonly thing: T;
  /** Those without a name are called by their number, from 0. */
  readonly args: readonly { readonly name: string; readonly thing: T }[];
}

/**
 * How things of a spec are called from outside: `org.example.Lamp1` is an interface, `org.example.Lamp1.Configure()` a
 * method, `org.example.Lamp1::Blown` a signal, `org.example.Lamp1:Colour` a property, and `[name]` after a method or
 * signal one of its arguments.
 */
export class Addresses<T> {
  readonly #things = new Map<string, T[]>();
  readonly #members = new Map<string, T[]>();

  /** Gives a thing an address. */
  add(address: string, thing: T): void {
    push(this.#things, address, thing);
  }

  /** Gives an interface, its members and their arguments their addresses. */
  addInterface({ name: of, thing, methods, signals, properties }: AddressedInterface<T>): void {
    this.add(of, thing);
    for (const method of methods) this.#addMember(`${of}.${method.name}()`, `${of}.${method.name}`, method);
    for (const signal of signals) this.#addMember(`${of}::${signal.name}`, `${of}.${signal.name}`, signal);
    for (const property of properties) this.#addMember(`${of}:${property.name}`, `${of}.${property.name}`, property);
  }

  /** Beside its own address a member has one that does not tell its kind: that counts where nothing else has it. */
  #addMember(own: string, plain: string, { thing, args }: AddressedMember<T>): void {
    push(this.#things, own, thing);
    push(this.#members, plain, thing);
    for (const [index, arg] of args.entries()) push(this.#things, `${own}[${arg.name || index}]`, arg.thing);
  }

  /** What has an address. */
  at(address: string): readonly T[] {
    return this.#things.get(address) ?? this.#members.get(address) ?? [];
  }

  /** What a pattern means: an address, with `*` for any part of names. */
  matching(pattern: string): readonly T[] {
    if (!pattern.includes("*")) return this.at(pattern);
    const expression = new RegExp(`^${pattern.split("*").map(escapeExpression).join("[\\w.-]*")}$`);
    return [...this.#things].flatMap(([address, things]) => (expression.test(address) ? things : []));
  }

  /** The address nearest to one that nothing has, if it is near: of what stands beside it, where there is anything. */
  nearestWord(address: string): string | undefined {
    const known = [...this.#things.keys(), ...this.#members.keys()];
    const owner = ownerOf(address);
    const beside = known.filter((one) => ownerOf(one) === owner).map((one) => one.slice(owner.length));
    const near = nearestWord(address.slice(owner.length), beside);
    if (near !== undefined) return owner + near;
    return beside.length > 0 ? undefined : nearestWord(address, known);
  }
}

/** What an address begins with, up to the name of the thing itself. */
function ownerOf(address: string): string {
  return /^.*[.:]/.exec(address)?.[0] ?? "";
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

function escapeExpression(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
