declare const brand: unique symbol;

/**
 * A primitive with a declared meaning. A plain primitive is assignable to this type. A primitive with another meaning
 * is not: a room handle is not assignable to a contact handle.
 */
export type Branded<T, Name extends string> = T & { readonly [brand]?: Name };

/** A D-Bus object path, such as `/net/connman/session1`. The runtime validates it before sending. */
export type ObjectPath = Branded<string, "ObjectPath">;

/** A D-Bus type signature, such as `a{sv}`. The runtime validates it before sending. */
export type Signature = Branded<string, "Signature">;

/**
 * An open file descriptor of this process. Descriptors can be sent and received if the optional package `koffi` is
 * installed.
 *
 * A sent descriptor still belongs to the sender. It must stay open until it is sent: until `bus.drained` resolves after
 * the call was made or the handler has returned. A received descriptor belongs to its receiver, who must close it: the
 * handler, the caller, or the first listener to a signal; the signal is not delivered to other listeners. A descriptor
 * without a receiver is closed. Child processes do not inherit received descriptors. Properties cannot contain
 * descriptors.
 */
export type UnixFd = Branded<number, "UnixFd">;

/**
 * A value together with its signature: D-Bus type `v`.
 *
 * @typeParam S - The signature, if it is known at compile time.
 */
export class Variant<S extends string = string> {
  readonly signature: S;
  readonly value: ValueOf<S>;

  /**
   * @param signature - Signature of one complete type.
   * @param value - A value of that type; validated when it is sent.
   */
  constructor(signature: S & ValidSignature<S>, value: ValueOf<S>) {
    this.signature = signature;
    this.value = value;
  }

  /** Returns the value if the variant has this signature; otherwise undefined, which is no D-Bus value. */
  get<T extends string>(signature: T & ValidSignature<T>): ValueOf<T> | undefined {
    const { signature: actual, value }: { readonly signature: string; readonly value: unknown } = this;
    // The decoder creates a value of the type that the signature denotes.
    return actual === signature ? (value as ValueOf<T>) : undefined;
  }
}

/** A value, or a promise of it: the result of a handler. */
export type MaybePromise<T> = T | Promise<T>;

/**
 * A dictionary of which a spec declares some keys. Generated interfaces extend this interface with the declared keys.
 *
 * @typeParam Value - Type of values without a declared key: Variant for an `a{sv}`.
 */
export interface OpenDictionary<Value = Variant> {
  /**
   * Entries whose keys are not declared, or whose values have other types than declared. A declared key may be in
   * `extra` or a member, not both; otherwise sending throws InvalidValueError.
   */
  readonly extra?: ExtraEntries<Value>;
}

/** Entries of a declared dictionary that are not typed members, by their key on the wire. */
export type ExtraEntries<Value = Variant> = Readonly<Record<string, Value>>;

/**
 * The type of the values of a signature with one complete type: `readonly string[]` for `"as"`. It is `unknown` if the
 * signature is not known at compile time or has more than 8 nested containers, and `never` if it is not valid.
 */
export type ValueOf<S extends string> = S extends keyof BasicValues
  ? BasicValues[S]
  : ReadType<S, []> extends infer Read
    ? Read extends readonly [infer Value, infer Rest]
      ? Rest extends ""
        ? Value
        : never
      : Read extends "unknown"
        ? unknown
        : never
    : never;

/** The types of the values of a signature with any number of complete types: `[string, number]` for `"su"`. */
export type ValuesOf<S extends string> = string extends S ? readonly unknown[] : ReadTypes<S, []>;

/** `unknown` for a signature with one complete type; for any other literal, a type that no text has. */
export type ValidSignature<S extends string> = [ValueOf<S>] extends [never]
  ? Invalid<"it is not one complete type">
  : unknown;

/** `unknown` for a signature with any number of complete types; for any other literal, a type that no text has. */
export type ValidSignatures<S extends string> = [ValuesOf<S>] extends [never]
  ? Invalid<"it is not a signature">
  : unknown;

/** A type that no value has. Compiler errors show the problem. */
export interface Invalid<Problem extends string> {
  readonly [brand]: Problem;
}

/** TypeScript types of the basic D-Bus types, by type code. */
interface BasicValues {
  y: number;
  b: boolean;
  n: number;
  q: number;
  i: number;
  u: number;
  x: bigint;
  t: bigint;
  d: number;
  s: string;
  o: ObjectPath;
  g: Signature;
  h: UnixFd;
  v: Variant;
}

/** Nesting depth of containers around a type, as a tuple with this length. */
type Depth = readonly unknown[];

/**
 * Reads one complete type from the start of a signature. The result is a tuple of its TypeScript type and the rest of
 * the signature, or `"unknown"` or `"invalid"`.
 */
type ReadType<S extends string, D extends Depth> = S extends `${infer Code}${infer Rest}`
  ? Code extends keyof BasicValues
    ? readonly [BasicValues[Code], Rest]
    : Code extends "a" | "("
      ? D["length"] extends 8
        ? "unknown"
        : Code extends "a"
          ? ReadArray<Rest, [...D, 0]>
          : ReadStruct<Rest, [], [...D, 0]>
      : "invalid"
  : S extends ""
    ? "invalid"
    : "unknown";

type ReadArray<S extends string, D extends Depth> = S extends `y${infer Rest}`
  ? readonly [Uint8Array, Rest]
  : S extends `{${infer Key}${infer Value}`
    ? Key extends Exclude<keyof BasicValues, "v">
      ? ReadEntry<ReadType<Value, D>, Key>
      : "invalid"
    : ReadType<S, D> extends infer Read
      ? Read extends readonly [infer Item, infer Rest]
        ? readonly [readonly Item[], Rest]
        : Read
      : never;

type ReadEntry<Read, Key extends keyof BasicValues> = Read extends readonly [infer Value, infer Rest]
  ? Rest extends `}${infer After}`
    ? readonly [Key extends "s" ? Readonly<Record<string, Value>> : ReadonlyMap<BasicValues[Key], Value>, After]
    : "invalid"
  : Read;

type ReadStruct<S extends string, Fields extends readonly unknown[], D extends Depth> = S extends `)${infer Rest}`
  ? Fields extends readonly []
    ? "invalid"
    : readonly [Readonly<Fields>, Rest]
  : ReadType<S, D> extends infer Read
    ? Read extends readonly [infer Field, infer Rest extends string]
      ? ReadStruct<Rest, [...Fields, Field], D>
      : Read
    : never;

type ReadTypes<S extends string, Values extends readonly unknown[]> = S extends ""
  ? Readonly<Values>
  : ReadType<S, []> extends infer Read
    ? Read extends readonly [infer Value, infer Rest extends string]
      ? ReadTypes<Rest, [...Values, Value]>
      : Read extends "unknown"
        ? readonly unknown[]
        : never
    : never;
