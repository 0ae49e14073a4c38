import type { Shape as AnyShape, InterfaceContract, Variant } from "@dbus-codegen-ts/runtime";

/**
 * The disagreements between a contract and the types of its generated client, service, properties and signals; `never` if
 * every type matches. Types are computed from the signatures, independently of the generator.
 */
export type Disagreements<C extends InterfaceContract, Client, Service, Properties, Signals> =
  | MethodDisagreements<NonNullable<C["methods"]>, Client, "client">
  | MethodDisagreements<NonNullable<C["methods"]>, Service, "service">
  | SignalDisagreements<NonNullable<C["signals"]>, Signals>
  | PropertyDisagreements<NonNullable<C["properties"]>, Properties>;

type Spec = { readonly type: string; readonly as?: () => unknown };

type MethodDisagreements<Methods, Class, Where extends string> = {
  [K in keyof Methods & string]: Methods[K] extends {
    in: infer In extends readonly Spec[];
    out: infer Out extends readonly Spec[];
  }
    ? K extends keyof Class
      ? Class[K] extends (...args: infer Args) => infer Result
        ? [
            ArgsAgree<DropLast<Required<Args>>, In>,
            ResultAgrees<Where extends "client" ? Awaited<Result> : Exclude<Result, Promise<unknown>>, Out>,
          ] extends [true, true]
          ? never
          : `${Where} method ${K}`
        : `${Where} method ${K} is no method`
      : `${Where} has no method ${K}`
    : `contract of ${K}`;
}[keyof Methods & string];

type SignalDisagreements<Contracts, Signals> = {
  [K in keyof Contracts & string]: Contracts[K] extends { args: infer Args extends readonly Spec[] }
    ? K extends keyof Signals
      ? Signals[K] extends readonly unknown[]
        ? ArgsAgree<Signals[K], Args> extends true
          ? never
          : `signal ${K}`
        : `signal ${K}`
      : `no signal ${K}`
    : `contract of ${K}`;
}[keyof Contracts & string];

type PropertyDisagreements<Contracts, Properties> = {
  [K in keyof Contracts & string]: Contracts[K] extends Spec
    ? K extends keyof Properties
      ? Agrees<Properties[K], Contracts[K]> extends true
        ? IsReadonly<Properties, K> extends (Contracts[K] extends { access: "read" } ? true : false)
          ? never
          : `access of property ${K}`
        : `property ${K}`
      : `no property ${K}`
    : `contract of ${K}`;
}[keyof Contracts & string];

type DropLast<T extends readonly unknown[]> = T extends readonly [...infer Rest, unknown] ? Rest : T;

type ArgsAgree<Args extends readonly unknown[], Specs extends readonly Spec[]> = Specs extends readonly [
  infer First extends Spec,
  ...infer Rest extends readonly Spec[],
]
  ? Args extends readonly [infer Arg, ...infer Others]
    ? Agrees<Arg, First> extends true
      ? ArgsAgree<Others, Rest>
      : false
    : false
  : Args extends readonly []
    ? true
    : false;

type ResultAgrees<Result, Out extends readonly Spec[]> = Out extends readonly []
  ? Equal<Result, void>
  : Out extends readonly [infer Only extends Spec]
    ? Agrees<Result, Only>
    : Result extends readonly unknown[]
      ? ArgsAgree<Result, Out>
      : false;

/** `true` if a declared type matches a signature and its shape. */
type Agrees<T, S extends Spec> = S extends { as: () => infer Shape }
  ? ShapeAgrees<T, S["type"], Shape>
  : Equal<Plain<T>, FromSignature<S["type"]>>;

type ShapeAgrees<T, Signature extends string, Shape> =
  Equal<Shape, AnyShape> extends true
    ? IsObject<T> // The shape of a dictionary that holds itself has no narrower type; its keys are compared where it is declared.
    : Shape extends { kind: "struct"; fields: infer Fields }
      ? Equal<keyof T, keyof Fields> extends true
        ? EachAgrees<T, Fields>
        : false
      : Shape extends { kind: "dictionary"; entries: infer Entries }
        ? [Signature, Equal<keyof T, keyof Entries | "extra">] extends ["a{sv}", true]
          ? EachAgrees<Required<T>, Entries>
          : false
        : Shape extends { kind: "items"; of: infer Of }
          ? [T, Signature] extends [readonly (infer Item)[], `a${infer Inner}`]
            ? ShapeAgrees<Item, Inner, Of>
            : false
          : Shape extends { kind: "values"; of: infer Of }
            ? ValuesAgree<T, Signature, Of>
            : false;

type IsObject<T> = IsAny<T> extends true ? false : T extends object ? true : false;

type ValuesAgree<T, Signature extends string, Of> = Signature extends `a{s${infer Inner}}`
  ? T extends Readonly<Record<string, infer Value>>
    ? ShapeAgrees<Value, Inner, Of>
    : false
  : Signature extends `a{${infer Key extends keyof Basic}${infer Inner}}`
    ? T extends ReadonlyMap<infer K, infer Value>
      ? [Equal<Plain<K>, Basic[Key]>, ShapeAgrees<Value, Inner, Of>] extends [true, true]
        ? true
        : false
      : false
    : false;

type EachAgrees<T, Specs> = {
  [K in keyof Specs]: K extends keyof T ? (Specs[K] extends Spec ? Agrees<T[K], Specs[K]> : false) : false;
}[keyof Specs] extends true
  ? true
  : false;

/** TypeScript types of the basic type codes. */
interface Basic {
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
  o: string;
  g: string;
  h: number;
}

/** The type of one complete signature. */
export type FromSignature<S extends string> = Next<S> extends [infer T, ""] ? T : never;

/** The first complete type of a signature and the rest of the signature: `[type, rest]`. */
type Next<S extends string> = S extends `ay${infer Rest}`
  ? [Uint8Array, Rest]
  : S extends `a{${infer Rest}`
    ? DictEntry<Rest>
    : S extends `a${infer Rest}`
      ? Next<Rest> extends [infer T, infer After]
        ? [readonly T[], After]
        : never
      : S extends `(${infer Rest}`
        ? Struct<Rest>
        : S extends `v${infer Rest}`
          ? [Variant, Rest]
          : S extends `${infer Code extends keyof Basic}${infer Rest}`
            ? [Basic[Code], Rest]
            : never;

type DictEntry<S extends string> = S extends `${infer Key extends keyof Basic}${infer Rest}`
  ? Next<Rest> extends [infer Value, `}${infer After}`]
    ? [Key extends "s" ? Readonly<Record<string, Value>> : ReadonlyMap<Basic[Key], Value>, After]
    : never
  : never;

type Struct<S extends string, Fields extends readonly unknown[] = []> = S extends `)${infer Rest}`
  ? [Readonly<Fields>, Rest]
  : Next<S> extends [infer T, infer Rest extends string]
    ? Struct<Rest, [...Fields, T]>
    : never;

/** A declared type in which brands, enums and flags are replaced by their primitive types. */
export type Plain<T> =
  IsAny<T> extends true
    ? "any"
    : [T] extends [never]
      ? "never"
      : [T] extends [number]
        ? number
        : [T] extends [bigint]
          ? bigint
          : [T] extends [boolean]
            ? boolean
            : [T] extends [string]
              ? string
              : [T] extends [Uint8Array]
                ? Uint8Array
                : [T] extends [Variant]
                  ? Variant
                  : T extends ReadonlyMap<infer K, infer V>
                    ? ReadonlyMap<Plain<K>, Plain<V>>
                    : T extends readonly unknown[]
                      ? { readonly [I in keyof T]: Plain<T[I]> }
                      : string extends keyof T
                        ? Readonly<Record<string, Plain<T[keyof T]>>>
                        : T;

type IsAny<T> = 0 extends 1 & T ? true : false;

export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

type IsReadonly<T, K extends keyof T> = Equal<{ [P in K]: T[P] }, { readonly [P in K]: T[P] }>;
