import type { BusPort } from "../bus/port.ts";
import type { CallOptions } from "../bus/request.ts";
import type { Subscription } from "../bus/subscription.ts";
import { CachedInterface } from "../client/cached-interface.ts";
import { callMethod } from "../client/call-method.ts";
import type { Target } from "../client/client.ts";
import { type Property, RemoteProperty } from "../client/property.ts";
import { readProperties } from "../client/read-properties.ts";
import { RemoteSignal, type Signal } from "../client/signal.ts";
import type { InterfaceContract, MethodContract, PropertyContract } from "../contract.ts";
import { addLocation, describeValue, excerpt, InvalidValueError } from "../wire/errors.ts";
import type {
  CallParameters,
  NamesOf,
  PropertyRecord,
  PropertyValue,
  ReadableNames,
  ResultOf,
  SignalArguments,
  WritableNames,
} from "./contract-types.ts";
import { areArguments, describeArguments, signatureOf } from "./describe-members.ts";
import { nearestName } from "./nearest-name.ts";
import type { IntrospectedInterface } from "./read-introspection.ts";
import type { WireMembers } from "./wire-members.ts";

/**
 * An interface of a remote object whose members are known by introspection. Members have their names on the wire. If
 * the interface has no member of the given name, or a value has another type, InvalidValueError is thrown before
 * anything is sent.
 *
 * @typeParam C - A generated contract, from which the types of all values follow. By default, values are `unknown`.
 */
export class DynamicInterface<C extends InterfaceContract = InterfaceContract> {
  /** The members that the service declares. */
  readonly introspected: IntrospectedInterface;
  readonly #remote: CachedInterface;
  readonly #members: WireMembers;
  readonly #problems: readonly string[];

  /**
   * @param members - Members for encoding and decoding values: those of a contract, or the introspected members.
   * @param problems - Descriptions of introspected declarations that were left out because they are not valid.
   *
   * @internal
   */
  constructor(
    bus: BusPort,
    { destination, path }: Target,
    introspected: IntrospectedInterface,
    members: WireMembers,
    problems: readonly string[],
  ) {
    this.introspected = introspected;
    this.#remote = new CachedInterface(members.contract, bus, destination, path);
    this.#members = members;
    this.#problems = problems;
  }

  /** Name of the interface. */
  get name(): string {
    return this.introspected.name;
  }

  /**
   * Calls a method.
   *
   * @returns Nothing, one value, or an array of values, depending on the number of out arguments.
   * @throws InvalidValueError that names the argument, before anything is sent; otherwise as a generated method does.
   */
  async call<Name extends NamesOf<C, "methods">>(
    name: Name,
    ...parameters: CallParameters<C, Name, CallOptions>
  ): Promise<ResultOf<C, Name>> {
    const [args = [], options = {}]: readonly [args?: readonly unknown[], options?: CallOptions] = parameters;
    const method = this.#method(name, args);
    try {
      // The decoded values have the declared signatures and shapes, from which the type is computed.
      return (await callMethod(this.#remote, method, args, options)) as ResultOf<C, Name>;
    } catch (error) {
      throw isOfArgument(error) ? addLocation(`${this.name}.${name}${describeArguments(method.in)}: `, error) : error;
    }
  }

  /** Reads a property. Throws as `property.get()` does. */
  async get<Name extends ReadableNames<C>>(name: Name, options: CallOptions = {}): Promise<PropertyValue<C, Name>> {
    // The decoded value has the declared type and shape, from which the type is computed.
    return (await this.#property(name, "write").get(options)) as PropertyValue<C, Name>;
  }

  /** Writes a property. Resolves when the service has accepted the value. Throws as a method call does. */
  async set<Name extends WritableNames<C>>(
    name: Name,
    value: PropertyValue<C, Name>,
    options: CallOptions = {},
  ): Promise<void> {
    try {
      await this.#property(name, "read").set(value, options);
    } catch (error) {
      const type = this.#members.properties.get(name)?.type ?? "";
      throw isOfArgument(error) ? addLocation(`${this.name}.${name} (${type}): `, error) : error;
    }
  }

  /** Reads all properties in one call. A property is absent if the service leaves it out or sends another type. */
  async getAll(options: CallOptions = {}): Promise<PropertyRecord<C>> {
    // The values have the declared types and shapes, from which the type is computed.
    return Object.fromEntries(await readProperties(this.#remote, options)) as PropertyRecord<C>;
  }

  /** Returns a property, to subscribe to its changes or to read its cached value. */
  property<Name extends NamesOf<C, "properties">>(name: Name): Property<PropertyValue<C, Name>> {
    // The property has the declared type and shape, from which the type is computed.
    return this.#property(name) as Property<PropertyValue<C, Name>>;
  }

  /** Returns a signal, to subscribe to or to iterate over. */
  signal<Name extends NamesOf<C, "signals">>(name: Name): Signal<SignalArguments<C, Name>> {
    const signal = this.#members.signals.get(name);
    const introspected = this.introspected.signals.get(name);
    if (signal === undefined || introspected === undefined) throw this.#unknown("signal", name);
    this.#compare(name, `(${signatureOf(signal.args)})`, `(${signatureOf(introspected.args)})`);
    // The decoded values have the declared signatures and shapes, from which the type is computed.
    return new RemoteSignal(this.#remote, signal) as Signal<readonly unknown[]> as Signal<SignalArguments<C, Name>>;
  }

  /** Turns on the cache of property values, as `$cache` of a generated client does. */
  cache(): Promise<Subscription> {
    return this.#remote.cache.start();
  }

  /** Returns the declaration of the method with a name that takes the arguments. */
  #method(name: string, args: readonly unknown[]): MethodContract {
    const methods = this.#members.methods.get(name);
    const introspected = this.introspected.methods.get(name);
    if (methods === undefined || introspected === undefined) throw this.#unknown("method", name);
    if (!Array.isArray(args))
      throw new InvalidValueError(`${this.name}.${name}: expected an array of arguments, got ${describeValue(args)}`);
    const sized = methods.filter((method) => method.in.length === args.length);
    const [method] = sized.length > 1 ? sized.filter((candidate) => areArguments(candidate.in, args)) : sized;
    const chosen = method ?? sized[0];
    if (chosen === undefined) {
      const expected = methods.map((candidate) => describeArguments(candidate.in)).join(" or ");
      throw new InvalidValueError(`${this.name}.${name} takes ${expected}, got ${args.length} arguments`);
    }
    const [signatures = "", ...others] = introspected.map(typesOf);
    const types = typesOf(chosen);
    if (!others.includes(types)) this.#compare(name, types, signatures);
    return chosen;
  }

  /**
   * Returns the property with a name.
   *
   * @param excluded - Access of properties for which InvalidValueError is thrown.
   */
  #property(name: string, excluded?: PropertyContract["access"]): RemoteProperty {
    const property = this.#members.properties.get(name);
    const introspected = this.introspected.properties.get(name);
    if (property === undefined || introspected === undefined) throw this.#unknown("property", name);
    this.#compare(name, property.type, introspected.type);
    if (introspected.access === excluded)
      throw new InvalidValueError(`${this.name}.${name}: the property is ${excluded}-only`);
    return new RemoteProperty(this.#remote, property, name);
  }

  /** Throws InvalidValueError if a contract declares other types than the service. */
  #compare(name: string, declared: string, introspected: string): void {
    if (declared === introspected) return;
    throw new InvalidValueError(`${this.name}.${name}: the contract declares ${declared}, the service ${introspected}`);
  }

  #unknown(kind: "method" | "property" | "signal", name: string): InvalidValueError {
    const { methods, properties, signals } = this.introspected;
    const members = { method: methods, property: properties, signal: signals };
    const others = Object.entries(members).filter(([, names]) => names.has(name));
    const nearest = nearestName(name, members[kind].keys());
    const invalid = this.#problems.find((problem) => problem.startsWith(`${kind} "${name}" of ${this.name}: `));
    const hints = [
      ...others.map(([other]) => `it is a ${other}`),
      ...(invalid === undefined ? [] : [`its declaration is not valid: ${invalid}`]),
      ...(nearest === undefined ? [] : [`did you mean "${nearest}"?`]),
    ];
    const { destination, path } = this.#remote;
    const [hint = "the names are case-sensitive"] = hints;
    return new InvalidValueError(
      `${this.name} at ${path} of ${destination} has no ${kind} "${excerpt(name)}"; ${hint}`,
    );
  }
}

/** Returns whether an error is about an argument or value, and not about a name or option. */
function isOfArgument(error: unknown): boolean {
  return error instanceof InvalidValueError && error.where !== "";
}

function typesOf(method: MethodContract): string {
  return `(${signatureOf(method.in)}) → (${signatureOf(method.out)})`;
}
