import type { Code } from "../../compiler/emit/file-model.ts";
import { runtimeType } from "../../compiler/emit/file-model.ts";
import { CALL_PARAMETER } from "../../compiler/names/reserved.ts";
import type { Argument, Method, NamedType, Property, Signal, Type } from "../../compiler/resolve/ir.ts";
import type { SiteContext } from "./context.ts";

/** Widest line of TypeScript on a page, in characters. */
export const CODE_WIDTH = 86;

/** A D-Bus signature in pieces: text, or a type with its meaning. */
export type WirePiece = string | { readonly type: Type; readonly name: string };

/** `Name(a{sv} settings, o notifier) → o session`. */
export function wireMethod({ name, in: inputs, out }: Method): readonly WirePiece[] {
  const result: readonly WirePiece[] = out.length === 0 ? [] : [" → ", ...wireResult(out)];
  return [name, "(", ...wireList(inputs), ")", ...result];
}

export function wireSignal({ name, args }: Signal): readonly WirePiece[] {
  return [name, "(", ...wireList(args), ")"];
}

export function wireProperty({ name, type }: Property): readonly WirePiece[] {
  return [{ type, name }];
}

function wireResult(out: readonly Argument[]): readonly WirePiece[] {
  return out.length === 1 ? wireList(out) : ["(", ...wireList(out), ")"];
}

function wireList(args: readonly Argument[]): readonly WirePiece[] {
  return args.flatMap(({ name, type }, index): readonly WirePiece[] => [
    ...(index === 0 ? [] : [", "]),
    { type, name },
  ]);
}

/** A method as generated clients have it. */
export function typescriptMethod(method: Method, { names, types }: SiteContext): Code {
  const items: readonly Code[] = [
    ...method.in.map((arg) => [`${names.argument(arg)}: `, types.type(arg.type)]),
    [`${CALL_PARAMETER}?: `, runtimeType("CallOptions")],
  ];
  return [names.member(method), { open: "(", items, close: ")" }, ": Promise<", types.result(method.out), ">"];
}

/** A signal as generated interfaces of signals have it. */
export function typescriptSignal(signal: Signal, { names, types }: SiteContext): Code {
  return [`signals.${names.member(signal)}: `, types.tuple(signal.args)];
}

/** A property as generated clients have it. */
export function typescriptProperty(property: Property, { names, types }: SiteContext): Code {
  const handle = { read: "ReadableProperty", write: "WritableProperty", readwrite: "Property" }[property.access];
  const name = names.member(property);
  return [`properties.${name}: `, runtimeType(handle), "<", types.type(property.type), ">"];
}

/** What a named type is in TypeScript, on one line. */
export function typescriptType(type: NamedType, { names, types }: SiteContext): Code {
  const name = names.type(type).name;
  switch (type.kind) {
    case "simple": {
      const inner = types.type(type.type);
      const isBranded = type.signature.length === 1 && type.signature !== "v" && !types.hasCases(type);
      return [`type ${name} = `, isBranded ? [runtimeType("Branded"), "<", inner, `, "${name}">`] : inner];
    }
    case "enum":
    case "flags":
      return `const ${name}, type ${name}`;
    case "struct":
    case "dictionary":
      return `interface ${name}`;
    case "mapping": {
      const dict: Type = { kind: "dict", key: type.key.type, value: type.value.type, signature: type.signature };
      return [`type ${name} = `, types.type(dict)];
    }
  }
}

/** What a kind of type is called. */
export const TYPE_KINDS: Readonly<Record<NamedType["kind"], string>> = {
  simple: "simple type",
  enum: "enum",
  flags: "flags",
  struct: "struct",
  mapping: "mapping",
  dictionary: "dictionary",
};
