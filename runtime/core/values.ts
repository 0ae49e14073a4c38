declare const brand: unique symbol;

/**
 * A primitive with a declared meaning. A plain literal is assignable to it; a primitive with another meaning is not: a
 * room handle is not a contact handle.
 */
export type Branded<T, Name extends string> = T & { readonly [brand]?: Name };

/** A D-Bus object path, such as `/net/connman/session1`. Validated before it is sent. */
export type ObjectPath = Branded<string, "ObjectPath">;

/** A D-Bus type signature, such as `a{sv}`. Validated before it is sent. */
export type Signature = Branded<string, "Signature">;

/**
 * An open file descriptor of this process. It can be sent and received if the optional package `usocket` is installed.
 *
 * A sent descriptor still belongs to the sender. It must stay open until it is sent: until `bus.drained` resolves after
 * the call was made or the handler has returned. A received descriptor belongs to its receiver, who must close it: the
 * handler, the caller, or the first listener to a signal; the signal is not delivered to other listeners. A descriptor
 * without a receiver is closed. Child processes inherit descriptors. Properties cannot contain any.
 */
export type UnixFd = Branded<number, "UnixFd">;

/** A value together with its signature: D-Bus type `v`. */
export class Variant<T = unknown> {
  readonly signature: Signature;
  readonly value: T;

  /**
   * @param signature - One complete type.
   * @param value - A value of that type; validated when it is sent.
   */
  constructor(signature: Signature, value: T) {
    this.signature = signature;
    this.value = value;
  }
}

/** A value, or a promise of it: the result of a handler. */
export type MaybePromise<T> = T | Promise<T>;

/**
 * A dictionary of which a spec declares some keys; generated interfaces extend it with these.
 *
 * @typeParam Value - Type of values without a declared key: Variant for an `a{sv}`.
 */
export interface OpenDictionary<Value = Variant> {
  /**
   * Entries whose key is not declared, or whose value has another type than declared. A declared key that is here and
   * also has a value as a member throws InvalidValueError when it is sent.
   */
  readonly extra?: ExtraEntries<Value>;
}

/** Entries of a declared dictionary that have no typed member, by their key on the wire. */
export type ExtraEntries<Value = Variant> = Readonly<Record<string, Value>>;
