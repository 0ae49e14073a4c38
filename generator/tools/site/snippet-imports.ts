import { compareText } from "../../compiler/diagnostics/diagnostic.ts";
import type { ImportRef } from "../../compiler/emit/model.ts";
import { stringLiteral } from "../../compiler/print/escape.ts";

interface Import {
  readonly name: string;
  readonly local: string;
  readonly isType: boolean;
}

/** The imports of a snippet; of two equal names the later one gets another. */
export class SnippetImports {
  readonly #imports = new Map<string, Import & { readonly from: string }>();

  constructor(refs: readonly ImportRef[]) {
    // A name that is used as a value is imported as one, wherever it is also a type.
    for (const ref of [...refs.filter(({ isType }) => !isType), ...refs.filter(({ isType }) => isType)]) this.#add(ref);
  }

  /** What the snippet calls a name. */
  nameOf(ref: ImportRef): string {
    return this.#imports.get(keyOf(ref))?.local ?? ref.name;
  }

  /** The import lines: the runtime first, then generated modules. */
  lines(): readonly string[] {
    const modules = new Map<string, Import[]>();
    for (const one of this.#imports.values()) modules.set(one.from, [...(modules.get(one.from) ?? []), one]);
    return [...modules]
      .toSorted(([a], [b]) => Number(a.startsWith(".")) - Number(b.startsWith(".")) || compareText(a, b))
      .map(([from, imports]) => importLine(from, imports));
  }

  #add(ref: ImportRef): void {
    if (this.#imports.has(keyOf(ref))) return;
    const taken = new Set([...this.#imports.values()].map(({ local }) => local));
    let local = ref.name;
    for (let count = 2; taken.has(local); count++) local = `${ref.name}${count}`;
    this.#imports.set(keyOf(ref), { name: ref.name, local, isType: ref.isType, from: moduleOf(ref) });
  }
}

function importLine(from: string, imports: readonly Import[]): string {
  const isType = imports.every((one) => one.isType);
  const names = imports
    .toSorted((a, b) => compareText(a.name, b.name))
    .map((one) => {
      const renamed = one.name === one.local ? one.name : `${one.name} as ${one.local}`;
      return one.isType && !isType ? `type ${renamed}` : renamed;
    });
  return `import ${isType ? "type " : ""}{ ${names.join(", ")} } from ${stringLiteral(from)};`;
}

function keyOf(ref: ImportRef): string {
  return `${moduleOf(ref)} ${ref.name}`;
}

function moduleOf({ from }: ImportRef): string {
  return from.kind === "runtime" ? "@dbus-codegen-ts/runtime" : `./generated/${from.module}.js`;
}
