import type { Invalid } from "./values.ts";

// Types that compare literals with the syntax of the D-Bus specification, except the length. A text, or part of a
// template, that is not known at compile time is valid here. A parameter that takes literals has the type
// `P & ValidPath<P>`.

/** `unknown` for an object path; for any other literal, a type that no text has. */
export type ValidPath<P extends string> = Check<P, IsPath<P>, "it is not an object path">;

/** `unknown` for a bus name, unique or well-known; for any other literal, a type that no text has. */
export type ValidBusName<N extends string> = Check<N, IsBusName<N>, "it is not a bus name">;

/** `unknown` for an interface name; for any other literal, a type that no text has. */
export type ValidInterfaceName<N extends string> = Check<N, IsInterfaceName<N>, "it is not an interface name">;

/** `unknown` for the name of a method, signal or property; for any other literal, a type that no text has. */
export type ValidMemberName<N extends string> = Check<
  N,
  IsElement<N, Letter, Letter | Digit>,
  "it is not a member name"
>;

type Check<S extends string, IsValid, Problem extends string> = string extends S
  ? unknown
  : [IsValid] extends [true]
    ? unknown
    : Invalid<Problem>;

type Lower =
  | ("a" | "b" | "c" | "d" | "e" | "f" | "g" | "h" | "i" | "j" | "k" | "l" | "m")
  | ("n" | "o" | "p" | "q" | "r" | "s" | "t" | "u" | "v" | "w" | "x" | "y" | "z");
type Letter = Lower | Uppercase<Lower> | "_";
type Digit = "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9";

type IsPath<P extends string> = P extends "/"
  ? true
  : P extends `/${infer Rest}`
    ? IsEach<Rest, "/", Letter | Digit>
    : IsWide<P>;

type IsBusName<N extends string> = N extends `:${infer Rest}`
  ? HasTwo<Rest, IsEach<Rest, ".", Letter | Digit | "-">>
  : HasTwo<N, IsEach<N, ".", Letter | "-", Letter | Digit | "-">>;

type IsInterfaceName<N extends string> = HasTwo<N, IsEach<N, ".", Letter, Letter | Digit>>;

/** `IsValid` for a text with at least two elements; otherwise whether the text is unknown at compile time. */
type HasTwo<N extends string, IsValid> = N extends `${string}.${string}` ? IsValid : IsWide<N>;

/**
 * Whether each element between separators begins with a character of `First` and continues with characters of `Rest`.
 */
type IsEach<
  S extends string,
  Separator extends string,
  First,
  Rest = First,
> = S extends `${infer Element}${Separator}${infer More}`
  ? IsElement<Element, First, Rest> extends true
    ? IsEach<More, Separator, First, Rest>
    : false
  : IsElement<S, First, Rest>;

type IsElement<S extends string, First, Rest> = S extends `${infer Start}${infer More}`
  ? Start extends First
    ? IsAll<More, Rest>
    : IsWide<Start>
  : IsWide<S>;

type IsAll<S extends string, Characters> = S extends `${infer Start}${infer More}`
  ? Start extends Characters
    ? IsAll<More, Characters>
    : IsWide<Start>
  : S extends ""
    ? true
    : IsWide<S>;

/** Whether a text is unknown at compile time. */
type IsWide<S extends string> = string extends S ? true : false;
