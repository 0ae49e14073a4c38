import type {
  Argument,
  ChoiceCase,
  ChoiceShape,
  DictionaryShape,
  ExtraEntries,
  FieldShape,
  Incoming,
  InterfaceContract,
  ItemsShape,
  MaybePromise,
  MembersOf,
  MethodContract,
  ObjectPath,
  PatternShape,
  SelectedShape,
  Shape,
  Signature,
  StructShape,
  UnixFd,
  ValuesShape,
  Variant,
} from "@dbus-codegen-ts/runtime";

/** TypeScript type of an argument or property of a contract, from its shape or its signature. */
export type ValueOf<A extends FieldShape> = A extends { readonly as: () => infer S extends Shape }
  ? ShapedValue<S, A["type"]>
  : SignatureValue<A["type"]>;

/** TypeScript types of a list of arguments. */
export type ArgumentsOf<A extends readonly Argument[]> = { -readonly [I in keyof A]: ValueOf<A[I]> };

/** Result of a method: the value of its only output argument, or a tuple. */
export type ResultOf<A extends readonly Argument[]> = A extends readonly [infer Only extends Argument]
  ? ValueOf<Only>
  : ArgumentsOf<A>;

/** Handler of a method. */
export type Handler<M extends MethodContract> = M["out"] extends readonly []
  ? (...args: [...ArgumentsOf<M["in"]>, incoming: Incoming]) => MaybePromise<void>
  : (...args: [...ArgumentsOf<M["in"]>, incoming: Incoming]) => MaybePromise<ResultOf<M["out"]>>;

/** Handlers of the methods of a contract, by TypeScript name. */
export type Handlers<C extends InterfaceContract> = {
  readonly [K in keyof MembersOf<C, "methods">]?: Handler<MembersOf<C, "methods">[K]>;
};

/** Values of the properties of a contract, by TypeScript name. */
export type PropertiesOf<C extends InterfaceContract> = {
  [K in keyof MembersOf<C, "properties">]: ValueOf<MembersOf<C, "properties">[K]>;
};

/** Arguments of the signals of a contract, by TypeScript name. */
export type SignalsOf<C extends InterfaceContract> = {
  [K in keyof MembersOf<C, "signals">]: ArgumentsOf<MembersOf<C, "signals">[K]["args"]>;
};

type ShapedValue<S extends Shape, T extends string> = Shape extends S
  ? object
  : S extends StructShape
    ? { readonly [K in keyof S["fields"]]: ValueOf<S["fields"][K]> }
    : S extends DictionaryShape
      ? DeclaredDictionary<S>
      : S extends ChoiceShape
        ? Choice<S["key"], S["cases"][number]>
        : S extends SelectedShape
          ? Selected<S["key"], S["entries"], S["cases"][number]>
          : S extends ItemsShape
            ? readonly ShapedValue<S["of"], T extends `a${infer E}` ? E : string>[]
            : S extends ValuesShape
              ? ShapedDictionary<S["of"], T>
              : never;

type DeclaredDictionary<S extends DictionaryShape> = {
  readonly [K in keyof S["entries"]]?: ValueOf<S["entries"][K]>;
} & PatternRecords<S> & { readonly extra?: ExtraEntries<UndeclaredValue<S>> };

type UndeclaredValue<S extends DictionaryShape> = S extends { readonly values: infer V extends string }
  ? SignatureValue<V>
  : Variant;

type PatternRecords<S extends DictionaryShape> = S extends {
  readonly patterns: infer P extends Readonly<Record<string, PatternShape>>;
}
  ? { readonly [K in keyof P]?: Readonly<Record<PatternKey<P[K]["pattern"]>, ValueOf<P[K]>>> }
  : unknown;

type PatternKey<P extends string> = P extends `${infer Prefix}*${infer Suffix}`
  ? `${Prefix}${string}${Suffix}`
  : string;

/** TypeScript type of a choice: a union of its cases, and of a dictionary without the selecting key. */
type Choice<Key extends string, Case extends ChoiceCase> =
  | (Case extends ChoiceCase
      ? DictionaryShape extends ReturnType<Case["as"]>
        ? object
        : DeclaredDictionary<ReturnType<Case["as"]>> & {
            readonly [K in Selector<ReturnType<Case["as"]>, Key>]: Case["value"];
          }
      : never)
  | ({ readonly [K in Selectors<Key, Case>]?: undefined } & { readonly extra?: ExtraEntries });

/** The values of a struct with a selecting field: an object for each case, and one with `extra` for any other value. */
type Selected<Key extends string, Entries extends string, Case extends ChoiceCase> =
  | (Case extends ChoiceCase
      ? DictionaryShape extends ReturnType<Case["as"]>
        ? object
        : { readonly [K in Key]: Case["value"] } & {
            readonly [K in Entries]: DeclaredDictionary<ReturnType<Case["as"]>>;
          } & { readonly extra?: undefined }
      : never)
  | ({ readonly [K in Key]?: undefined } & { readonly extra: readonly [string, Readonly<Record<string, Variant>>] });

/** Name of the dictionary member whose key on the wire is `Key`. */
type Selector<S extends DictionaryShape, Key extends string> = {
  readonly [K in keyof S["entries"]]: S["entries"][K]["key"] extends Key ? K : never;
}[keyof S["entries"]];

type Selectors<Key extends string, Case extends ChoiceCase> = Case extends ChoiceCase
  ? DictionaryShape extends ReturnType<Case["as"]>
    ? never
    : Selector<ReturnType<Case["as"]>, Key>
  : never;

type ShapedDictionary<S extends Shape, T extends string> = T extends `a{s${infer E}}`
  ? Readonly<Record<string, ShapedValue<S, E>>>
  : T extends `a{${infer K}${infer E}}`
    ? ReadonlyMap<SignatureValue<K>, ShapedValue<S, E>>
    : object;

/** TypeScript type of a signature with one complete type; `unknown` if the signature is not a literal type. */
type SignatureValue<T extends string> = string extends T ? unknown : First<T> extends [infer V, string] ? V : unknown;

/** TypeScript type of the first complete type of a signature, with the rest of the signature. */
type First<T extends string> = T extends `${infer Code}${infer Rest}`
  ? Code extends keyof Basic
    ? [Basic[Code], Rest]
    : Code extends "a"
      ? ArrayFrom<Rest>
      : Code extends "("
        ? FieldsFrom<Rest, []>
        : never
  : never;

interface Basic {
  y: number;
  n: number;
  q: number;
  i: number;
  u: number;
  d: number;
  x: bigint;
  t: bigint;
  b: boolean;
  s: string;
  o: ObjectPath;
  g: Signature;
  h: UnixFd;
  v: Variant;
}

type ArrayFrom<T extends string> = T extends `y${infer Rest}`
  ? [Uint8Array, Rest]
  : T extends `{s${infer E}`
    ? DictionaryEnd<First<E>, string>
    : T extends `{${infer K}${infer E}`
      ? DictionaryEnd<First<E>, K>
      : First<T> extends [infer V, infer Rest]
        ? [readonly V[], Rest]
        : never;

type DictionaryEnd<E, K extends string> = E extends [infer V, `}${infer Rest}`]
  ? string extends K
    ? [Readonly<Record<string, V>>, Rest]
    : [ReadonlyMap<SignatureValue<K>, V>, Rest]
  : never;

type FieldsFrom<T extends string, Fields extends readonly unknown[]> = T extends `)${infer Rest}`
  ? [readonly [...Fields], Rest]
  : First<T> extends [infer V, infer Rest extends string]
    ? FieldsFrom<Rest, [...Fields, V]>
    : never;
