import type { CallOptions } from "../bus/request.ts";
import type { Subscription } from "../bus/subscription.ts";
import type { PropertyContract } from "../contract.ts";
import { Properties } from "../standard/org.freedesktop.DBus.Properties.ts";
import { InvalidReplySignatureError, remoteError } from "../standard-errors.ts";
import { type ArgumentsCodec, argumentsCodec, compileArguments, NO_ARGUMENTS } from "../wire/arguments-codec.ts";
import { codecOf } from "../wire/compile-codec.ts";
import { MessageType } from "../wire/header.ts";
import { decodeBody, errorText, type Message } from "../wire/message.ts";
import { declaredVariantCodec, UndeclaredVariant } from "../wire/shape-codecs.ts";
import { EventQueue, type Listen } from "./event-queue.ts";
import { guarded, listenerOrigin } from "./listener.ts";
import type { Remote } from "./remote.ts";

/** A remote property that can be read. */
export interface ReadableProperty<T> {
  /**
   * The cached value, while the cache is on: by `$cache` of the client, or a subscription to one of its properties.
   * Undefined where it is not known: when the service has invalidated it, announces no changes of it (`emits: "false"`),
   * has left it out, or is gone.
   */
  readonly value: T | undefined;
  /**
   * What `subscribe` tells, to iterate over: it begins at the first `next`, keeps what happens in between, up to a limit,
   * and ends when the loop is left. It throws DisconnectedError when the connection ends, LimitsExceededError past the
   * limit of 10 000.
   */
  readonly changes: AsyncIterable<T | undefined>;
  /**
   * Keeps the cache on, and calls a listener with each change of the cached value: first from undefined to the value as it
   * is now, later to undefined when it is not known any more. A listener of a property with `emits: "false"` is never called.
   *
   * @returns A promise of the subscription, resolved when the values are there. It rejects, and nothing stays behind, when
   * the bus or the service refuses.
   */
  subscribe(listener: (value: T | undefined) => void): Promise<Subscription>;
  /**
   * Reads the value from the service, always; the cache, where it is on, takes it from there.
   *
   * @throws InvalidReplySignatureError when it has another type than the contract; otherwise as a method call does.
   */
  get(options?: CallOptions): Promise<T>;
}

/** A remote property that can be written. */
export interface WritableProperty<T> {
  /** Writes the value; resolves when the service has taken it. Throws as a method call does. */
  set(value: T, options?: CallOptions): Promise<void>;
}

/** A remote property that can be read and written. */
export interface Property<T> extends ReadableProperty<T>, WritableProperty<T> {}

const STRING = codecOf("s");
const { get: getMethod, set: setMethod } = Properties.methods;
const GET_ARGUMENTS = argumentsCodec(getMethod.in);

/** Codecs of one property: of the value that Get answers, and of the arguments of Set. */
interface PropertyCodecs {
  readonly value: ArgumentsCodec;
  readonly set: ArgumentsCodec;
}

const codecs = new WeakMap<PropertyContract, PropertyCodecs>();

function codecsOf(property: PropertyContract): PropertyCodecs {
  const known = codecs.get(property);
  if (known !== undefined) return known;
  const variant = declaredVariantCodec(codecOf, property);
  const value = compileArguments([["value", variant]]);
  const set = compileArguments([
    ["interface", STRING],
    ["property", STRING],
    [`property "${property.name}"`, variant],
  ]);
  codecs.set(property, { value, set });
  return { value, set };
}

export class RemoteProperty implements Property<unknown> {
  readonly #remote: Remote;
  readonly #property: PropertyContract;
  readonly #key: string;

  /** @param key - Identifier of the property in the contract. */
  constructor(remote: Remote, property: PropertyContract, key: string) {
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
    return this.#remote.cache.subscribe(this.#key, guarded(this.#remote.bus, origin, listener));
  }

  async get(options: CallOptions = {}): Promise<unknown> {
    const { contract } = this.#remote;
    const request = this.#request(getMethod.name, GET_ARGUMENTS, []);
    const name = `${contract.name}.${this.#property.name}`;
    const keep = this.#remote.cache.keeper(this.#key);
    return this.#remote.bus.request(request, options, (reply) => {
      this.#throwError(reply);
      const { signature } = codecsOf(this.#property).value;
      if (reply.signature !== signature) throw new InvalidReplySignatureError(name, signature, reply.signature);
      const [value] = decodeBody(reply, codecsOf(this.#property).value);
      if (value instanceof UndeclaredVariant) {
        throw new InvalidReplySignatureError(name, this.#property.type, value.variant.signature);
      }
      keep(value);
      return value;
    });
  }

  async set(value: unknown, options: CallOptions = {}): Promise<void> {
    const request = this.#request(setMethod.name, codecsOf(this.#property).set, [value]);
    return this.#remote.bus.request(request, options, (reply) => {
      this.#throwError(reply);
      if (reply.signature === "") return;
      throw new InvalidReplySignatureError(`Set of ${this.#property.name}`, NO_ARGUMENTS.signature, reply.signature);
    });
  }

  #request(member: string, codec: ArgumentsCodec, more: readonly unknown[]) {
    const { destination, path, contract } = this.#remote;
    const args = [contract.name, this.#property.name, ...more];
    return { destination, path, interface: Properties.name, member, codec, args };
  }

  #throwError(reply: Message): void {
    if (reply.type !== MessageType.Error) return;
    throw remoteError(reply.errorName ?? "", errorText(reply), this.#remote.contract.errors);
  }
}
