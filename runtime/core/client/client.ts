import type { BusPort } from "../bus/port.ts";
import type { CallOptions } from "../bus/request.ts";
import type { Subscription } from "../bus/subscription.ts";
import type { InterfaceContract, MethodContract } from "../contract.ts";
import type { ValidBusName, ValidPath } from "../literal-names.ts";
import type { ObjectPath } from "../values.ts";
import { assertSyntax } from "../wire/assert-syntax.ts";
import { isBusName, isObjectPath } from "../wire/name-syntax.ts";
import { CachedInterface } from "./cached-interface.ts";
import { callMethod } from "./call-method.ts";
import {
  bindProperties,
  bindSignals,
  type ClientProperties,
  type ClientSignals,
  type ClientValues,
} from "./client-accessors.ts";
import { readProperties } from "./read-properties.ts";

/** The object that a client calls, by bus name and path. `target` creates one and checks literals at compile time. */
export interface Target {
  /** Bus name of the service: well-known, such as `net.connman`, or unique. */
  readonly destination: string;
  readonly path: ObjectPath;
}

/** Returns the object with a bus name and a path. Literals are checked at compile time. */
export function target<Destination extends string, Path extends string>(
  destination: Destination & ValidBusName<Destination>,
  path: Path & ValidPath<Path>,
): Target {
  return { destination, path };
}

const NO_OPTIONS: CallOptions = {};

/** Any client. */
export type AnyClient = Client<InterfaceContract>;

/** Returns the remote interface of a client. */
export let remoteOf: (client: AnyClient) => CachedInterface;

/**
 * A typed proxy of one interface of a remote object. Generated subclasses have a method for each method of the
 * interface.
 */
export abstract class Client<C extends InterfaceContract, P extends object = object, S extends object = object> {
  readonly #remote: CachedInterface;
  #properties: ClientProperties<C, P> | undefined;
  #signals: ClientSignals<S> | undefined;

  static {
    remoteOf = (client) => client.#remote;
  }

  /** @throws InvalidValueError if the destination or path is not valid. Whether the object exists is not checked. */
  constructor(contract: C, bus: BusPort, target: Target) {
    assertSyntax(target.destination, isBusName, "destination", "a bus name");
    assertSyntax(target.path, isObjectPath, "path", "an object path");
    this.#remote = new CachedInterface(contract, bus, target.destination, target.path);
  }

  /** Properties of the interface, each with the operations that its access allows. */
  get properties(): ClientProperties<C, P> {
    this.#properties ??= bindProperties<C, P>(this.#remote);
    return this.#properties;
  }

  /** Signals of the interface, to subscribe to or to iterate over. */
  get signals(): ClientSignals<S> {
    this.#signals ??= bindSignals<S>(this.#remote);
    return this.#signals;
  }

  /**
   * Turns on the cache of property values: subscribes to changes, then reads all values. The cache follows changes,
   * also when another service takes over the bus name. The bus starts the service if it is not running and can be
   * started. While the name has no owner, the cache is empty.
   *
   * @returns A subscription. The promise resolves when the values are read. The cache is on until all subscriptions are
   * closed. Rejects, and releases everything, if the bus or the service refuses.
   */
  $cache(): Promise<Subscription> {
    return this.#remote.cache.start();
  }

  /**
   * Reads the values of all properties from the service in one call, and stores them in the cache if the cache is on.
   *
   * @throws InvalidReplySignatureError if the reply contains no properties; otherwise as a method call does.
   */
  async $getAll(options: CallOptions = NO_OPTIONS): Promise<ClientValues<C, P>> {
    // The values have the identifiers and types of the contract, from which P was generated.
    return Object.fromEntries(await readProperties(this.#remote, options)) as ClientValues<C, P>;
  }

  /**
   * Calls a method of the interface. Generated methods call this method.
   *
   * @returns Nothing, one value, or an array of values, depending on the number of out arguments.
   * @throws InvalidValueError that names the argument, before anything is sent; InvalidReplySignatureError if the types
   * of the reply differ from the contract; DBusError if the reply is an error, of the class that the contract declares
   * for it; NoReplyError; DisconnectedError; the signal's reason if it aborts.
   */
  protected $call<T>(method: MethodContract, args: readonly unknown[], options: CallOptions = NO_OPTIONS): Promise<T> {
    // The decoded value has the declared signature and shape, from which T was generated.
    return callMethod(this.#remote, method, args, options) as Promise<T>;
  }
}
