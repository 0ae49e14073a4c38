import type {
  Argument,
  ChoiceShape,
  DictionaryShape,
  InterfaceContract,
  ItemsShape,
  MembersOf,
  MethodContract,
  PropertyContract,
  SelectedShape,
  Shape,
  SignalContract,
  StructShape,
  ValuesShape,
} from "../contract.ts";
import type { OpenDictionary, ValueOf, Variant } from "../values.ts";

// Types of the members of a contract, by their name on the wire. If a contract is known only at run time, any name is
// accepted, and values are `unknown`.

/** The kinds of members of an interface. */
type Kind = "methods" | "signals" | "properties";

type MemberOf<C extends InterfaceContract, K extends Kind> = MembersOf<C, K>[keyof MembersOf<C, K>];

/** Names on the wire of the members of one kind. */
export type NamesOf<C extends InterfaceContract, K extends Kind> =
  MemberOf<C, K> extends infer M ? (M extends { readonly name: infer Name extends string } ? Name : never) : never;

/** The member with a name on the wire; a union if several methods have the name. */
type MemberNamed<C extends InterfaceContract, K extends Kind, Name extends string> =
  string extends NamesOf<C, K> ? MemberOf<C, K> : Extract<MemberOf<C, K>, { readonly name: Name }>;

/** The parameters of `call` that follow the name of the method. */
export type CallParameters<C extends InterfaceContract, Name extends string, Options> =
  MemberNamed<C, "methods", Name> extends infer M
    ? M extends MethodContract
      ? Parameters<M["in"], Options>
      : never
    : never;

type Parameters<In extends readonly Argument[], Options> = number extends In["length"]
  ? [args?: readonly unknown[], options?: Options]
  : In extends readonly []
    ? [args?: readonly [], options?: Options]
    : [args: ArgumentsOf<In>, options?: Options];

/** The result of a method: nothing, one value, or a tuple of values. */
export type ResultOf<C extends InterfaceContract, Name extends string> =
  MemberNamed<C, "methods", Name> extends infer M ? (M extends MethodContract ? Result<M["out"]> : never) : never;

type Result<Out extends readonly Argument[]> = number extends Out["length"]
  ? unknown
  : Out extends readonly []
    ? undefined
    : Out extends readonly [infer Only extends Argument]
      ? ArgumentValue<Only>
      : ArgumentsOf<Out>;

/** The arguments of a signal. */
export type SignalArguments<C extends InterfaceContract, Name extends string> =
  MemberNamed<C, "signals", Name> extends infer M ? (M extends SignalContract ? ArgumentsOf<M["args"]> : never) : never;

/** The value of a property. */
export type PropertyValue<C extends InterfaceContract, Name extends string> =
  MemberNamed<C, "properties", Name> extends infer M ? (M extends PropertyContract ? Typed<M> : never) : never;

/** Names on the wire of the properties that can be written. */
export type WritableNames<C extends InterfaceContract> = NamesWithout<MemberOf<C, "properties">, "read">;

/** Names on the wire of the properties that can be read. */
export type ReadableNames<C extends InterfaceContract> = NamesWithout<MemberOf<C, "properties">, "write">;

type NamesWithout<P, Access> = P extends PropertyContract
  ? string extends P["name"]
    ? string
    : P["access"] extends Access
      ? never
      : P["name"]
  : never;

/** Values of the properties that can be read, by their name on the wire. */
export type PropertyRecord<C extends InterfaceContract> = {
  readonly [Name in ReadableNames<C>]?: PropertyValue<C, Name>;
};

type ArgumentsOf<Args extends readonly Argument[]> = number extends Args["length"]
  ? readonly unknown[]
  : { readonly [Index in keyof Args]: ArgumentValue<Args[Index]> };

type ArgumentValue<A> = A extends Argument ? Typed<A> : never;

/** The TypeScript type of a declared value, which has a signature and possibly a shape. */
type Typed<T extends { readonly type: string; readonly as?: () => Shape }> = T extends { readonly as: () => infer S }
  ? S extends Shape
    ? Shaped<S, T["type"]>
    : never
  : ValueOf<T["type"]>;

/**
 * The TypeScript type of a value with a shape. A type that contains itself has no literal shape, and its values are
 * `unknown`.
 */
type Shaped<S extends Shape, Type extends string> = Shape extends S
  ? unknown
  : S extends StructShape
    ? { readonly [Field in keyof S["fields"]]: Typed<S["fields"][Field]> }
    : S extends DictionaryShape
      ? Dictionary<S>
      : S extends ChoiceShape
        ? Dictionary<ReturnType<S["cases"][number]["as"]>> | OpenDictionary
        : S extends SelectedShape
          ? unknown
          : S extends ItemsShape
            ? readonly Shaped<S["of"], ElementOf<Type>>[]
            : S extends ValuesShape
              ? Type extends `a{s${string}`
                ? Readonly<Record<string, Shaped<S["of"], ElementOf<Type>>>>
                : Type extends `a{${infer Key}${string}`
                  ? ReadonlyMap<ValueOf<Key>, Shaped<S["of"], ElementOf<Type>>>
                  : never
              : never;

type Dictionary<S extends DictionaryShape> = S extends unknown
  ? { readonly [Key in keyof S["entries"]]?: Typed<S["entries"][Key]> } & {
      readonly [Key in keyof NonNullable<S["patterns"]>]?: Readonly<
        Record<string, Typed<NonNullable<S["patterns"]>[Key]>>
      >;
    } & OpenDictionary<S["values"] extends string ? ValueOf<S["values"]> : Variant>
  : never;

/** The signature of the items of an array, or of the values of a dictionary. */
type ElementOf<Type extends string> = Type extends `a{${infer _}${infer Value}}`
  ? Value
  : Type extends `a${infer Element}`
    ? Element
    : string;
