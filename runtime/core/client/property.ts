import type { CallOptions } from "../bus/calls.ts";
import type { PropertyContract } from "../contract.ts";
import { InvalidReplySignatureError, remoteError } from "../standard-errors.ts";
import { type ArgumentsCodec, compileArguments, NO_ARGUMENTS } from "../wire/arguments.ts";
import { codecOf } from "../wire/compile.ts";
import { errorText, type Message, MessageType, readBody } from "../wire/message.ts";
import { declaredVariantCodec, UndeclaredVariant } from "../wire/shapes.ts";
import type { Remote } from "./remote.ts";

/** A remote property that can be read. */
export interface ReadableProperty<T> {
  /**
   * Reads the value from the service.
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

const PROPERTIES = "org.freedesktop.DBus.Properties";
const STRING = codecOf("s");
const GET_ARGUMENTS = compileArguments([
  ["interface", STRING],
  ["property", STRING],
]);

export class RemoteProperty implements Property<unknown> {
  readonly #remote: Remote;
  readonly #property: PropertyContract;

  constructor(remote: Remote, property: PropertyContract) {
    this.#remote = remote;
    this.#property = property;
  }

  async get(options: CallOptions = {}): Promise<unknown> {
    const { contract } = this.#remote;
    const request = this.#request("Get", GET_ARGUMENTS, []);
    const name = `${contract.name}.${this.#property.name}`;
    return this.#remote.bus.request(request, options, (reply) => {
      this.#throwError(reply);
      if (reply.signature !== "v") throw new InvalidReplySignatureError(name, "v", reply.signature);
      const [value] = readBody(reply, compileArguments([["value", this.#variant()]]));
      if (!(value instanceof UndeclaredVariant)) return value;
      throw new InvalidReplySignatureError(name, this.#property.type, value.variant.signature);
    });
  }

  async set(value: unknown, options: CallOptions = {}): Promise<void> {
    const codec = compileArguments([
      ["interface", STRING],
      ["property", STRING],
      [`property "${this.#property.name}"`, this.#variant()],
    ]);
    return this.#remote.bus.request(this.#request("Set", codec, [value]), options, (reply) => {
      this.#throwError(reply);
      if (reply.signature === "") return;
      throw new InvalidReplySignatureError(`Set of ${this.#property.name}`, NO_ARGUMENTS.signature, reply.signature);
    });
  }

  #variant() {
    return declaredVariantCodec(codecOf, this.#property);
  }

  #request(member: "Get" | "Set", codec: ArgumentsCodec, more: readonly unknown[]) {
    const { destination, path, contract } = this.#remote;
    const args = [contract.name, this.#property.name, ...more];
    return { destination, path, interface: PROPERTIES, member, codec, args };
  }

  #throwError(reply: Message): void {
    if (reply.type !== MessageType.Error) return;
    throw remoteError(reply.errorName ?? "", errorText(reply), this.#remote.contract.errors);
  }
}
