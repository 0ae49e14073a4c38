import type { Code, Declaration, DocModel, FileModel, MethodModel, Value } from "../emit/model.ts";
import { isIdentifier } from "../names/words.ts";
import { docComment } from "./doc.ts";
import { objectKey, stringLiteral } from "./escape.ts";
import { HEADER } from "./header.ts";
import { Imports, isListing, isRef } from "./imports.ts";
import { Lines } from "./lines.ts";

/** Widest line of code; what is longer goes one item a line. */
const WIDTH = 120;

/** Lays one module out as text: header, imports, declarations. */
export function layout(file: FileModel, extension: string, runtimeModule?: string): string {
  const lines = new Lines();
  const imports = new Imports(file, extension, runtimeModule);
  lines.add(`${HEADER} from ${file.from.replace(/[^\x20-\x7E]/g, "?")}. Do not edit.`);
  lines.add("/* eslint-disable */");
  lines.blank();
  const layout = new DeclarationLayout(imports, lines);
  for (const { from, isType, names } of imports.statements()) {
    const keyword = isType ? "import type" : "import";
    layout.line(
      [`${keyword} `, { open: "{ ", items: names, close: " }", isFilled: true }, ` from ${stringLiteral(from)};`],
      0,
    );
  }
  for (const [index, declaration] of file.declarations.entries()) {
    // A constant and a type of the same name belong together.
    const repeats = file.declarations[index - 1]?.name === declaration.name;
    if (!repeats || declaration.doc !== undefined) lines.blank();
    layout.write(declaration);
  }
  return lines.toString();
}

class DeclarationLayout {
  readonly #imports: Imports;
  readonly #lines: Lines;
  readonly #flattened = new Map<Value, string | undefined>();

  constructor(imports: Imports, lines: Lines) {
    this.#imports = imports;
    this.#lines = lines;
  }

  write(declaration: Declaration): void {
    const { kind, name } = declaration;
    this.#doc(declaration.doc, 0);
    switch (kind) {
      case "const": {
        const satisfies = declaration.satisfies === undefined ? "" : ` satisfies ${this.#code(declaration.satisfies)}`;
        this.#value(`export const ${identifier(name)} = `, declaration.value, ` as const${satisfies};`, 0, true);
        break;
      }
      case "type":
        this.line([`export type ${identifier(name)} = `, declaration.type, ";"], 0);
        break;
      case "interface": {
        const base = declaration.extends === undefined ? "" : ` extends ${this.#code(declaration.extends)}`;
        this.#block(`export interface ${identifier(name)}${base} {`, declaration.members, (member) => {
          this.#doc(member.doc, 2);
          const modifier = member.isReadonly ? "readonly " : "";
          this.line([`${modifier}${objectKey(member.name)}${member.isOptional ? "?" : ""}: `, member.type, ";"], 2);
        });
        break;
      }
      case "class":
        this.#class(declaration);
        break;
    }
  }

  #class(declaration: Extract<Declaration, { kind: "class" }>): void {
    const { isAbstract, name, statics, members } = declaration;
    const head = `export ${isAbstract ? "abstract " : ""}class ${identifier(name)} extends `;
    this.line([head, declaration.extends, " {"], 0);
    this.#lines.indent(() => {
      for (const { name: key, value } of statics)
        this.#value(`static override readonly ${identifier(key)} = `, value, ";", 2);
      members.forEach((member, index) => {
        if (index > 0 || statics.length > 0) this.#lines.blank();
        this.#method(member);
      });
    });
    this.#lines.add("}");
  }

  #method({ name, doc, parameters, returns, body }: MethodModel): void {
    this.#doc(doc, 2);
    const items = parameters.map(({ name: of, type, isOptional }) => [
      `${identifier(of)}${isOptional ? "?" : ""}: `,
      type,
    ]);
    const head = `${body === undefined ? "abstract " : ""}${identifier(name)}`;
    const result = returns === undefined ? [] : [": ", returns];
    this.line([head, { open: "(", items, close: ")" }, result, body === undefined ? ";" : " {"], 2);
    if (body === undefined) return;
    this.#lines.indent(() => this.line(body, 4));
    this.#lines.add("}");
  }

  #block<T>(head: string, members: readonly T[], write: (member: T) => void): void {
    if (members.length === 0) {
      this.#lines.add(`${head}}`);
      return;
    }
    this.#lines.add(head);
    this.#lines.indent(() => members.forEach(write));
    this.#lines.add("}");
  }

  /** A value on one line if it fits, else one item a line. */
  #value(head: string, value: Value, tail: string, indent: number, expand = false): void {
    const flat = isTable(value) || (expand && hasFields(value)) ? undefined : this.#flat(value);
    const isShort = flat !== undefined && indent + head.length + flat.length + tail.length <= WIDTH;
    if (isShort || !(value.kind === "object" || value.kind === "list")) {
      this.#lines.add(`${head}${flat ?? this.#flat(value) ?? ""}${tail}`);
      return;
    }
    const [open, close] = value.kind === "object" ? ["{", "}"] : ["[", "]"];
    this.#lines.add(`${head}${open}`);
    this.#lines.indent(() => {
      if (value.kind === "list") for (const item of value.items) this.#value("", item, ",", indent + 2);
      else {
        for (const field of value.fields) {
          this.#doc(field.doc, indent + 2);
          this.#value(`${objectKey(field.name)}: `, field.value, ",", indent + 2);
        }
      }
    });
    this.#lines.add(`${close}${tail}`);
  }

  /** A value on one line; undefined where a doc comment forbids that. */
  #flat(value: Value): string | undefined {
    if (value.kind !== "object" && value.kind !== "list") return this.#flatten(value);
    // Each level asks for the levels below it again.
    if (!this.#flattened.has(value)) this.#flattened.set(value, this.#flatten(value));
    return this.#flattened.get(value);
  }

  #flatten(value: Value): string | undefined {
    switch (value.kind) {
      case "text":
        return stringLiteral(value.text);
      case "literal":
        return typeof value.value === "bigint" ? `${value.value}n` : String(value.value);
      case "code":
        return this.#code(value.code);
      case "list": {
        const items = value.items.map((item) => this.#flat(item));
        return items.includes(undefined) ? undefined : `[${items.join(", ")}]`;
      }
      case "object": {
        if (value.fields.length === 0) return "{}";
        const fields = value.fields.map((field) => {
          const flat = field.doc === undefined ? this.#flat(field.value) : undefined;
          return flat && `${objectKey(field.name)}: ${flat}`;
        });
        return fields.includes(undefined) ? undefined : `{ ${fields.join(", ")} }`;
      }
    }
  }

  #doc(doc: DocModel | undefined, indent: number): void {
    if (doc !== undefined) for (const line of docComment(doc, indent)) this.#lines.add(line);
  }

  /** Code on one line if it fits; else its listings, from the first on, go one item a line until the rest fits. */
  line(code: Code, indent: number): void {
    const parts = this.#parts(code);
    const flat = this.#code(parts);
    const at = indent + flat.length <= WIDTH ? -1 : parts.findIndex((part) => isListing(part) && part.items.length > 0);
    const listing = parts[at];
    if (listing === undefined || !isListing(listing)) {
      this.#lines.add(flat);
      return;
    }
    this.#lines.add(`${this.#code(parts.slice(0, at))}${listing.open.trimEnd()}`);
    this.#lines.indent(() => {
      if (listing.isFilled) this.#filled(listing.items, indent + 2);
      else {
        listing.items.forEach((item, index) => {
          const isLast = index === listing.items.length - 1;
          this.line([item, isLast && listing.isStrict ? "" : ","], indent + 2);
        });
      }
    });
    this.line([listing.close.trimStart(), ...parts.slice(at + 1)], indent);
  }

  /** Adds lines that take as many items as fit. */
  #filled(items: readonly Code[], indent: number): void {
    let line = "";
    for (const item of items) {
      const text = `${this.#code(item)},`;
      if (line !== "" && indent + line.length + 1 + text.length > WIDTH) {
        this.#lines.add(line);
        line = "";
      }
      line = line === "" ? text : `${line} ${text}`;
    }
    this.#lines.add(line);
  }

  #parts(code: Code): readonly Code[] {
    return typeof code === "string" || isRef(code) || isListing(code)
      ? [code]
      : code.flatMap((part) => this.#parts(part));
  }

  #code(code: Code): string {
    if (typeof code === "string") return code;
    if (isRef(code)) return this.#imports.nameOf(code);
    if (isListing(code)) return `${code.open}${code.items.map((item) => this.#code(item)).join(", ")}${code.close}`;
    return code.map((part) => this.#code(part)).join("");
  }
}

function hasFields(value: Value): boolean {
  return value.kind === "object" && value.fields.length > 0;
}

/** Returns whether a value is an object of two or more objects: each of these has its own line. */
function isTable(value: Value): boolean {
  return (
    value.kind === "object" && value.fields.length > 1 && value.fields.every(({ value: field }) => hasFields(field))
  );
}

/** A name that is written as code; the names stage gives nothing else. */
function identifier(name: string): string {
  if (!isIdentifier(name)) throw new Error(`${stringLiteral(name)} is not an identifier`);
  return name;
}
