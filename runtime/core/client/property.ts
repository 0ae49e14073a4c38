import type { CallOptions } from "../bus/request.ts";
import type { Subscription } from "../bus/subscription.ts";
import type { PropertyContract } from "../contract.ts";
import { Properties } from "../standard/org.freedesktop.DBus.Properties.ts";
import { InvalidReplySignatureError, remoteError } from "../standard-errors.ts";
import { type ArgumentsCodec, argumentsCodec, compileArguments, NO_ARGUMENTS } from "../wire/arguments-codec.ts";
import { codecOf } from "../wire/compile-codec.ts";
import { declaredVariantCodec, UndeclaredVariant } from "../wire/declared-codecs.ts";
import { MessageType } from "../wire/header.ts";
import { decodeBody, errorText, type Message } from "../wire/message.ts";
import type { CachedInterface } from "./cached-interface.ts";
import { EventQueue, type Listen } from "./event-queue.ts";
import { listenerOrigin, withErrorHook } from "./listener-errors.ts";

/** A remote property that can be read. */
export interface ReadableProperty<T> {
  /**
   * Cached value. The cache is on after `$cache` of the client, or during a subscription to one of its properties. The
   * value is undefined if the cache is off, if the service is not on the bus, has invalidated the value or has left it
   * out of its reply, and for properties whose changes are not announced (`emits: "false"`).
   */
  readonly value: T | undefined;
  /**
   * The changes that `subscribe` reports, as an iterable. The iteration subscribes at the first `next`, queues changes
   * up to a limit of 10 000, and ends when the loop is left. It throws DisconnectedError when the connection ends and
   * LimitsExceededError above the limit.
   */
  readonly changes: AsyncIterable<T | undefined>;
  /**
   * Turns on the cache and calls a listener with each change of the cached value: first with the current value, later
   * with undefined if it becomes unknown. A listener of a property with `emits: "false"` is never called.
   *
   * @returns A subscription. The promise resolves when the values are read. It rejects, and everything is released, if
   * the bus or the service refuses.
   */
  subscribe(listener: (value: T | undefined) => void): Promise<Subscription>;
  /**
   * Reads the value from the service, and stores it in the cache if the cache is on.
   *
   * @throws InvalidReplySignatureError if the type differs from the contract; otherwise as a method call does.
   */
  get(options?: CallOptions): Promise<T>;
}

/** A remote property that can be written. */
export interface WritableProperty<T> {
  /** Writes the value. Resolves when the service has accepted it. Throws as a method call does. */
  set(value: T, options?: CallOptions): Promise<void>;
}

/** A remote property that can be read and written. */
export interface Property<T> extends ReadableProperty<T>, WritableProperty<T> {}

const STRING = codecOf("s");
const { get: getMethod, set: setMethod } = Properties.methods;
const GET_ARGUMENTS = argumentsCodec(getMethod.in);

/** Codecs of one property: for the reply to Get, and for the arguments of Set. */
interface PropertyCodecs {
  readonly value: ArgumentsCodec;
  readonly set: ArgumentsCodec;
}

const codecsByProperty = new WeakMap<PropertyContract, PropertyCodecs>();

function codecsOf(property: PropertyContract): PropertyCodecs {
  const existing = codecsByProperty.get(property);
  if (existing !== undefined) return existing;
  const variant = declaredVariantCodec(codecOf, property);
  const value = compileArguments([["value", variant]]);
  const set = compileArguments([
    ["interface", STRING],
    ["property", STRING],
    [`property "${property.name}"`, variant],
  ]);
  codecsByProperty.set(property, { value, set });
  return { value, set };
}

export class RemoteProperty implements Property<unknown> {
  readonly #remote: CachedInterface;
  readonly #property: PropertyContract;
  readonly #key: string;

  /** @param key - Identifier of the property in the contract. */
  constructor(remote: CachedInterface, property: PropertyContract, key: string) {
    this.#remote = remote;
    this.#property = property;
    this.#key = key;
  }

  get value(): unknown {
    return this.#remote.cache.value(this.#key);
  }

  get changes(): AsyncIterable<unknown> {
    const { cache } = this.#remote;
    const listen: Listen<unknown> = (onEvent, onEnd) => cache.subscribe(this.#key, onEvent, onEnd);
    return { [Symbol.asyncIterator]: () => new EventQueue(listen) };
  }

  subscribe(listener: (value: unknown) => void): Promise<Subscription> {
    const origin = listenerOrigin(this.#remote, this.#property.name);
    return this.#remote.cache.subscribe(this.#key, withErrorHook(this.#remote.bus, origin, listener));
  }

  async get(options: CallOptions = {}): Promise<unknown> {
    const { contract } = this.#remote;
    const request = this.#request(getMethod.name, GET_ARGUMENTS, [], codecsOf(this.#property).value);
    const name = `${contract.name}.${this.#property.name}`;
    const store = this.#remote.cache.prepareFill();
    return await this.#remote.bus.request(request, options, (reply) => {
      this.#throwError(reply);
      const { signature } = codecsOf(this.#property).value;
      if (reply.signature !== signature) throw new InvalidReplySignatureError(name, signature, reply.signature);
      const [value] = decodeBody(reply, codecsOf(this.#property).value);
      if (value instanceof UndeclaredVariant) {
        throw new InvalidReplySignatureError(name, this.#property.type, value.variant.signature);
      }
      store(new Map([[this.#key, value]]));
      return value;
    });
  }

  async set(value: unknown, options: CallOptions = {}): Promise<void> {
    const request = this.#request(setMethod.name, codecsOf(this.#property).set, [value], NO_ARGUMENTS);
    return await this.#remote.bus.request(request, options, (reply) => {
      this.#throwError(reply);
      if (reply.signature === "") return;
      throw new InvalidReplySignatureError(`Set of ${this.#property.name}`, NO_ARGUMENTS.signature, reply.signature);
    });
  }

  #request(member: string, codec: ArgumentsCodec, values: readonly unknown[], replyCodec: ArgumentsCodec) {
    const { destination, path, contract } = this.#remote;
    const args = [contract.name, this.#property.name, ...values];
    return { destination, path, interface: Properties.name, member, codec, args, replyCodec };
  }

  #throwError(reply: Message): void {
    if (reply.type !== MessageType.Error) return;
    throw remoteError(reply.errorName ?? "", errorText(reply), this.#remote.contract.errors);
  }
}
