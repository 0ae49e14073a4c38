import type { Code } from "../../compiler/emit/file-model.ts";
import { runtimeType } from "../../compiler/emit/file-model.ts";
import { CALL_PARAMETER } from "../../compiler/names/reserved.ts";
import type { Argument, Method, NamedType, Property, Signal, Type } from "../../compiler/resolve/ir.ts";
import type { SiteContext } from "./context.ts";

/** Maximum width of TypeScript code on a page, in characters. */
export const CODE_WIDTH = 86;

/** A part of a D-Bus declaration: text, or a type with the name of its value. */
export type WirePart = string | { readonly type: Type; readonly name: string };

/** Returns the D-Bus declaration of a method, such as `Name(a{sv} settings, o notifier) → o session`. */
export function wireMethod({ name, in: inputs, out }: Method): readonly WirePart[] {
  const result: readonly WirePart[] = out.length === 0 ? [] : [" → ", ...wireResult(out)];
  return [name, "(", ...wireList(inputs), ")", ...result];
}

export function wireSignal({ name, args }: Signal): readonly WirePart[] {
  return [name, "(", ...wireList(args), ")"];
}

export function wireProperty({ name, type }: Property): readonly WirePart[] {
  return [{ type, name }];
}

function wireResult(out: readonly Argument[]): readonly WirePart[] {
  return out.length === 1 ? wireList(out) : ["(", ...wireList(out), ")"];
}

function wireList(args: readonly Argument[]): readonly WirePart[] {
  return args.flatMap(({ name, type }, index): readonly WirePart[] => [...(index === 0 ? [] : [", "]), { type, name }]);
}

/** Returns the declaration of a method in generated clients. */
export function typescriptMethod(method: Method, { names, types }: SiteContext): Code {
  const items: readonly Code[] = [
    ...method.in.map((arg) => [`${names.argument(arg)}: `, types.type(arg.type)]),
    [`${CALL_PARAMETER}?: `, runtimeType("CallOptions")],
  ];
  return [names.member(method), { open: "(", items, close: ")" }, ": Promise<", types.result(method.out), ">"];
}

/** Returns the declaration of a signal in generated clients. */
export function typescriptSignal(signal: Signal, { names, types }: SiteContext): Code {
  return [`signals.${names.member(signal)}: `, types.tuple(signal.args)];
}

/** Returns the declaration of a property in generated clients. */
export function typescriptProperty(property: Property, { names, types }: SiteContext): Code {
  const handle = { read: "ReadableProperty", write: "WritableProperty", readwrite: "Property" }[property.access];
  const name = names.member(property);
  return [`properties.${name}: `, runtimeType(handle), "<", types.type(property.type), ">"];
}

/** Returns the declaration of a named type in TypeScript, on one line. */
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
    case "choice":
      return [
        `type ${name} = `,
        type.cases.flatMap((choiceCase, index): Code[] => [
          index === 0 ? "" : " | ",
          types.reference(choiceCase.type, true),
        ]),
        " | …",
      ];
    case "mapping": {
      const dict: Type = { kind: "dict", key: type.key.type, value: type.value.type, signature: type.signature };
      return [`type ${name} = `, types.type(dict)];
    }
  }
}

/** Returns a D-Bus declaration as text. */
export function wireText(wire: readonly WirePart[]): string {
  return wire.map((part) => wirePartText(part)).join("");
}

function wirePartText(part: WirePart): string {
  if (typeof part === "string") return part;
  return part.name === "" ? part.type.signature : `${part.type.signature} ${part.name}`;
}

/** Titles of the kinds of types on pages. */
export const TYPE_KINDS: Readonly<Record<NamedType["kind"], string>> = {
  simple: "simple type",
  enum: "enum",
  flags: "flags",
  struct: "struct",
  mapping: "mapping",
  dictionary: "dictionary",
  choice: "choice",
};
