import type { BusPort } from "../bus/port.ts";
import type { CallOptions, Request } from "../bus/request.ts";
import type { Subscription } from "../bus/subscription.ts";
import type { InterfaceContract, MethodContract } from "../contract.ts";
import { InvalidReplySignatureError, remoteError } from "../standard-errors.ts";
import type { ObjectPath } from "../values.ts";
import { argumentsCodec } from "../wire/arguments-codec.ts";
import { assertSyntax } from "../wire/assert-syntax.ts";
import { MessageType } from "../wire/header.ts";
import { decodeBodyWithDescriptors, errorText, type Message } from "../wire/message.ts";
import { isBusName, isObjectPath } from "../wire/name-syntax.ts";
import { bindProperties, bindSignals, type ClientProperties, type ClientSignals } from "./namespaces.ts";
import { Remote } from "./remote.ts";

/** Which object a client speaks to. */
export interface Target {
  /** Bus name of the service: well-known, such as `net.connman`, or unique. */
  readonly destination: string;
  readonly path: ObjectPath;
}

const NO_OPTIONS: CallOptions = {};

/** Any client. */
export type AnyClient = Client<InterfaceContract>;

/** Which interface of which object a client calls. */
export let remoteOf: (client: AnyClient) => Remote;

/** Calls one interface of a remote object. Generated classes extend it with a method for each method of the interface. */
export abstract class Client<C extends InterfaceContract, P extends object = object, S extends object = object> {
  readonly #remote: Remote;
  #properties: ClientProperties<C, P> | undefined;
  #signals: ClientSignals<S> | undefined;

  static {
    remoteOf = (client) => client.#remote;
  }

  /** @throws InvalidValueError when the destination or path is not valid. Whether somebody is there shows with the first call. */
  constructor(contract: C, bus: BusPort, target: Target) {
    assertSyntax(target.destination, isBusName, "destination", "a bus name");
    assertSyntax(target.path, isObjectPath, "path", "an object path");
    this.#remote = new Remote(contract, bus, target.destination, target.path);
  }

  /** The properties of the interface: to read, write, know and follow, as far as each can be. */
  get properties(): ClientProperties<C, P> {
    this.#properties ??= bindProperties<C, P>(this.#remote);
    return this.#properties;
  }

  /** The signals of the interface: each to subscribe to, or to iterate over. */
  get signals(): ClientSignals<S> {
    this.#signals ??= bindSignals<S>(this.#remote);
    return this.#signals;
  }

  /**
   * Turns the cache of property values on: subscribes, then reads all values, and from then on follows what the service
   * announces, also when another service takes its bus name over. A service that is not running is started where the bus
   * can start it; where nobody owns the name the cache is empty until somebody does.
   *
   * @returns A promise of what turns it off again, resolved when the values are there; the cache is on until as many have
   * turned it off as had turned it on. It rejects, and nothing stays behind, when the bus or the service refuses.
   */
  $cache(): Promise<Subscription> {
    return this.#remote.cache.start();
  }

  /**
   * Calls a method: what generated methods do.
   *
   * @returns Nothing, the value, or an array of the values, as the contract has no, one or more out arguments.
   * @throws InvalidValueError that names the argument, before anything is sent; InvalidReplySignatureError when the reply
   * has other types than the contract; DBusError as the peer answers, of a class of the contract where it declares one;
   * NoReplyError, DisconnectedError, or the signal's reason.
   */
  protected $call<T>(method: MethodContract, args: readonly unknown[], options: CallOptions = NO_OPTIONS): Promise<T> {
    // What is decoded has the declared signature and shape, which T was generated from.
    if (method.noReply) return this.#send(method, args, options) as Promise<T>;
    const { bus, contract } = this.#remote;
    return bus.request(this.#request(method, args), options, (reply) => readResult(contract, method, reply) as T);
  }

  async #send(method: MethodContract, args: readonly unknown[], options: CallOptions): Promise<void> {
    this.#remote.bus.send(this.#request(method, args), options);
  }

  #request(method: MethodContract, args: readonly unknown[]): Request {
    const { contract, destination, path } = this.#remote;
    const codec = argumentsCodec(method.in);
    return { destination, path, interface: contract.name, member: method.name, codec, args };
  }
}

function readResult(contract: InterfaceContract, method: MethodContract, reply: Message): unknown {
  if (reply.type === MessageType.Error) throw remoteError(reply.errorName ?? "", errorText(reply), contract.errors);
  const codec = argumentsCodec(method.out);
  if (reply.signature !== codec.signature) {
    throw new InvalidReplySignatureError(`${contract.name}.${method.name}`, codec.signature, reply.signature);
  }
  const values = decodeBodyWithDescriptors(reply, codec);
  return codec.length > 1 ? values : values[0];
}
