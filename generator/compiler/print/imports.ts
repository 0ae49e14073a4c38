import { compareText } from "../diagnostics/diagnostic.ts";
import type { Code, Declaration, FileModel, ImportRef, Listing, Value } from "../emit/model.ts";

/** Where generated modules import the runtime from, unless told otherwise. */
const RUNTIME_MODULE = "@dbus-codegen-ts/runtime";

interface Import {
  readonly from: string;
  readonly name: string;
  readonly alias: string;
  readonly isType: boolean;
}

/** The imports of one file: collected from its declarations, renamed where a local name is in the way. */
export class Imports {
  readonly #own: string;
  readonly #extension: string;
  readonly #runtime: string;
  readonly #byKey = new Map<string, Import>();
  readonly #taken: Set<string>;

  constructor(file: FileModel, extension: string, runtimeModule = RUNTIME_MODULE) {
    this.#own = file.path;
    this.#extension = extension;
    this.#runtime = runtimeModule;
    this.#taken = new Set(file.declarations.map(({ name }) => name));
    const refs = new Map<string, ImportRef>();
    for (const ref of file.declarations.flatMap(refsOfDeclaration)) {
      const key = `${this.#moduleOf(ref) ?? ""} ${ref.name}`;
      const before = refs.get(key);
      if (before === undefined || (before.isType && !ref.isType)) refs.set(key, ref);
    }
    for (const [key, ref] of [...refs].toSorted(([a], [b]) => compareText(a, b))) {
      const from = this.#moduleOf(ref);
      if (from !== undefined)
        this.#byKey.set(key, { from, name: ref.name, alias: this.#alias(ref.name), isType: ref.isType });
    }
  }

  /** The name under which a file knows an import. */
  nameOf(ref: ImportRef): string {
    return this.#byKey.get(`${this.#moduleOf(ref) ?? ""} ${ref.name}`)?.alias ?? ref.name;
  }

  /** Import statements: modules and names in order, types marked. */
  *statements(): Iterable<{ readonly from: string; readonly isType: boolean; readonly names: readonly string[] }> {
    const byModule = new Map<string, Import[]>();
    for (const one of this.#byKey.values()) byModule.set(one.from, [...(byModule.get(one.from) ?? []), one]);
    for (const [from, imports] of [...byModule].toSorted(([a], [b]) => compareModules(a, b))) {
      const isType = imports.every((one) => one.isType);
      const sorted = imports.toSorted(
        (a, b) => compareText(a.name.toLowerCase(), b.name.toLowerCase()) || compareText(a.name, b.name),
      );
      const names = sorted.map(
        (one) =>
          `${one.isType && !isType ? "type " : ""}${one.name}${one.alias === one.name ? "" : ` as ${one.alias}`}`,
      );
      yield { from, isType, names };
    }
  }

  /** The module to import from; undefined for the file itself. */
  #moduleOf({ from }: ImportRef): string | undefined {
    if (from.kind === "runtime") return this.#runtime;
    return `${from.module}.ts` === this.#own ? undefined : `./${from.module}${this.#extension}`;
  }

  #alias(name: string): string {
    let alias = name;
    for (let count = 1; this.#taken.has(alias); count++) alias = `${name}$${count}`;
    this.#taken.add(alias);
    return alias;
  }
}

/** Packages before files, each in order. */
function compareModules(a: string, b: string): number {
  return Number(a.startsWith(".")) - Number(b.startsWith(".")) || compareText(a, b);
}

function refsOfDeclaration(declaration: Declaration): readonly ImportRef[] {
  switch (declaration.kind) {
    case "const":
      return [...refsOfValue(declaration.value), ...refsOfCode(declaration.satisfies ?? [])];
    case "type":
      return refsOfCode(declaration.type);
    case "interface":
      return [declaration.extends ?? [], ...declaration.members.map(({ type }) => type)].flatMap(refsOfCode);
    case "class": {
      const members = declaration.members.flatMap(({ parameters, returns, body }) => [
        ...parameters.flatMap(({ type }) => refsOfCode(type)),
        ...refsOfCode(returns ?? []),
        ...refsOfCode(body ?? []),
      ]);
      return [...refsOfCode(declaration.extends), ...members];
    }
  }
}

function refsOfValue(value: Value): readonly ImportRef[] {
  switch (value.kind) {
    case "code":
      return refsOfCode(value.code);
    case "list":
      return value.items.flatMap(refsOfValue);
    case "object":
      return value.fields.flatMap((field) => refsOfValue(field.value));
    default:
      return [];
  }
}

function refsOfCode(code: Code): readonly ImportRef[] {
  if (typeof code === "string") return [];
  if (isRef(code)) return [code];
  return (isListing(code) ? code.items : code).flatMap(refsOfCode);
}

export function isListing(code: Code): code is Listing {
  return typeof code === "object" && "items" in code;
}

export function isRef(code: Code): code is ImportRef {
  return typeof code === "object" && "from" in code;
}
