declare const brand: unique symbol;

/**
 * A primitive with a meaning of its own. A plain literal may be given where one is expected; a value that
 * carries another meaning may not: a room handle is not a contact handle.
 */
export type Branded<T, Name extends string> = T & { readonly [brand]?: Name };

/** A D-Bus object path, such as `/net/connman/session1`. Checked before it is sent. */
export type ObjectPath = Branded<string, "ObjectPath">;

/** A D-Bus type signature, such as `a{sv}`. Checked before it is sent. */
export type Signature = Branded<string, "Signature">;

/**
 * An open file descriptor of this process. It passes where the optional package `usocket` is installed. What is sent stays
 * the sender's, and open until it has left, as `bus.drained` tells once the call was made or the handler has returned. What
 * comes is the receiver's, to be closed: the handler's, the caller's, or that of the first who listens to a signal;
 * others do not hear that signal. Where nobody takes it, it is closed. Child processes inherit it. Properties hold none.
 */
export type UnixFd = Branded<number, "UnixFd">;

/** A value that carries its own type: D-Bus type `v`. */
export class Variant<T = unknown> {
  readonly signature: Signature;
  readonly value: T;

  /**
   * @param signature - One complete type.
   * @param value - A value of that type; checked when it is sent.
   */
  constructor(signature: Signature, value: T) {
    this.signature = signature;
    this.value = value;
  }
}

/** What a handler may return: the value, or a promise of it. */
export type MaybePromise<T> = T | Promise<T>;

/** A dictionary `a{sv}` of which a spec declares some keys; generated interfaces extend it with these. */
export interface OpenDictionary {
  /** Entries whose key is not declared, or whose value has another type than declared. */
  readonly extra?: ExtraEntries;
}

/** Entries of a declared dictionary that have no typed member, by their key on the wire. */
export type ExtraEntries = Readonly<Record<string, Variant>>;
