import { type Code, runtimeValue } from "../../compiler/emit/file-model.ts";
import type { TypeEmitter } from "../../compiler/emit/type-emitter.ts";
import { objectKey, stringLiteral } from "../../compiler/print/escape.ts";
import { replaceHidden, unicodeEscape } from "../../compiler/text/hidden-characters.ts";
import type { Example } from "./example.ts";

/** Writes a value in TypeScript for generated code. */
export function typescriptValue(example: Example, types: TypeEmitter): Code {
  const write = (inner: Example): Code => typescriptValue(inner, types);
  switch (example.kind) {
    case "number":
      return String(example.value);
    case "bigint":
      return `${example.value}n`;
    case "boolean":
      return "true";
    case "text":
      return stringLiteral(example.value);
    case "descriptor":
      return "0";
    case "bytes":
      return "new Uint8Array([1, 2, 3])";
    case "variant":
      return ["new ", runtimeValue("Variant"), `(${stringLiteral(example.signature)}, `, write(example.of), ")"];
    case "array":
      return example.items.length === 0 && example.signature.startsWith("a{")
        ? emptyDict(example.signature)
        : { open: "[", items: example.items.map(write), close: "]" };
    case "dict":
      return example.isRecord
        ? ["{ ", recordKey(example.key), ": ", write(example.value), " }"]
        : ["new Map([[", write(example.key), ", ", write(example.value), "]])"];
    case "tuple":
      return { open: "[", items: example.fields.map(write), close: "]" };
    case "enum":
      return [types.reference(example.type, false), `.${example.name}`];
    case "struct":
      return record(example.fields.map(({ name, value }) => [objectKey(name), ": ", write(value)]));
    case "dictionary":
      return record(example.entries.map(({ name, value }) => [objectKey(name), ": ", write(value)]));
  }
}

function emptyDict(signature: string): Code {
  return signature.startsWith("a{s") ? "{}" : "new Map()";
}

function record(fields: readonly Code[]): Code {
  return fields.length === 0 ? "{}" : { open: "{ ", items: fields, close: " }" };
}

/** Writes the key of a record: a string, or a value of an enum of strings. */
function recordKey(key: Example): Code {
  if (key.kind === "text") return objectKey(key.value);
  return key.kind === "enum" && typeof key.member.value === "string" ? objectKey(key.member.value) : "key";
}

/** Returns a value as arguments of `busctl`. The number of items precedes the items of an array. */
export function busctlWords(example: Example): readonly string[] {
  switch (example.kind) {
    case "number":
    case "bigint":
      return [String(example.value)];
    case "boolean":
      return ["true"];
    case "text":
      return [example.value];
    case "descriptor":
      return [];
    case "bytes":
      return ["3", "1", "2", "3"];
    case "variant":
      return [example.signature, ...busctlWords(example.of)];
    case "array":
      return [String(example.items.length), ...example.items.flatMap(busctlWords)];
    case "dict":
      return ["1", ...busctlWords(example.key), ...busctlWords(example.value)];
    case "tuple":
      return example.fields.flatMap(busctlWords);
    case "enum":
      return [String(example.member.value)];
    case "struct":
      return example.fields.flatMap(({ value }) => busctlWords(value));
    case "dictionary":
      return [
        String(example.entries.length),
        ...example.entries.flatMap(({ key, signature, value }) => [
          key,
          ...(example.signature === "a{sv}" ? [signature] : []),
          ...busctlWords(value),
        ]),
      ];
  }
}

const PREFIXES: Readonly<Record<string, string>> = {
  y: "byte ",
  n: "int16 ",
  q: "uint16 ",
  u: "uint32 ",
  x: "int64 ",
  t: "uint64 ",
  o: "objectpath ",
  g: "signature ",
};

/** Writes a value in GLib's text format. Type prefixes are added where `gdbus` would assume another type. */
export function gvariantText(example: Example): string {
  switch (example.kind) {
    case "number":
    case "bigint":
      return `${PREFIXES[example.code] ?? ""}${example.value}`;
    case "boolean":
      return "true";
    case "text":
      return `${PREFIXES[example.code] ?? ""}${gvariantString(example.value)}`;
    case "descriptor":
      return "handle 0";
    case "bytes":
      return "[byte 1, 2, 3]";
    case "variant":
      return `<${gvariantText(example.of)}>`;
    case "array":
      return example.items.length === 0
        ? emptyContainer(example.signature)
        : `[${example.items.map(gvariantText).join(", ")}]`;
    case "dict":
      return `{${gvariantText(example.key)}: ${gvariantText(example.value)}}`;
    case "tuple":
      return tuple(example.fields);
    case "enum": {
      const { value } = example.member;
      return typeof value === "string" ? gvariantString(value) : `${PREFIXES[example.type.code] ?? ""}${value}`;
    }
    case "struct":
      return tuple(example.fields.map(({ value }) => value));
    case "dictionary": {
      if (example.entries.length === 0) return emptyContainer(example.signature);
      const valueText = (value: Example): string =>
        example.signature === "a{sv}" ? `<${gvariantText(value)}>` : gvariantText(value);
      return `{${example.entries.map(({ key, value }) => `${gvariantString(key)}: ${valueText(value)}`).join(", ")}}`;
    }
  }
}

function emptyContainer(signature: string): string {
  return signature.startsWith("a{") ? `@${signature} {}` : `@${signature} []`;
}

function tuple(fields: readonly Example[]): string {
  return `(${fields.map(gvariantText).join(", ")}${fields.length === 1 ? "," : ""})`;
}

function gvariantString(text: string): string {
  const escaped = replaceHidden(text.replace(/[\\']/g, "\\$&"), unicodeEscape);
  return `'${escaped}'`;
}
