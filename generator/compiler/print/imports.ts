import { compareText } from "../diagnostics/diagnostic.ts";
import type { Code, ImportRef } from "../emit/file-model.ts";
import { groupBy } from "../group-by.ts";
import { stringLiteral } from "./escape.ts";

/** Options of the paths in import statements. */
export interface ImportOptions {
  /** Ending of the paths of generated modules. */
  readonly extension: string;
  /** Module from which the runtime is imported. The default is the package of the runtime. */
  readonly runtimeModule?: string | undefined;
  /** Folder of the generated modules. The default is `./`, the folder of the module itself. */
  readonly folder?: string;
}

const RUNTIME_MODULE = "@dbus-codegen-ts/runtime";

interface Import {
  readonly from: string;
  readonly name: string;
  readonly alias: string;
  readonly isType: boolean;
}

/** The imports of one module. An import whose name is already used gets an alias. */
export class Imports {
  readonly #options: ImportOptions;
  /** Path of the module itself in imports of other modules; undefined if no other module imports it. */
  readonly #self: string | undefined;
  readonly #imports = new Map<string, Import>();
  readonly #used: Set<string>;

  /**
   * @param refs - Names that the module refers to. References to the module itself are not imported.
   * @param declared - Names that the module declares.
   * @param self - Path of the module without its ending, if other modules may refer to it.
   */
  constructor(refs: readonly ImportRef[], declared: readonly string[], options: ImportOptions, self?: string) {
    this.#options = options;
    this.#self = self === undefined ? undefined : this.#pathOf(self);
    this.#used = new Set(declared);
    const unique = new Map<string, ImportRef>();
    for (const ref of refs) {
      const key = this.#keyOf(ref);
      // A name that is used as a value is not imported as a type.
      if (unique.get(key)?.isType !== false) unique.set(key, ref);
    }
    for (const [key, ref] of [...unique].toSorted(([a], [b]) => compareText(a, b))) {
      const from = this.#moduleOf(ref);
      if (from === this.#self) continue;
      this.#imports.set(key, { from, name: ref.name, alias: this.#alias(ref.name), isType: ref.isType });
    }
  }

  /** Returns the identifier of an import in the module. */
  readonly nameOf = (ref: ImportRef): string => this.#imports.get(this.#keyOf(ref))?.alias ?? ref.name;

  /** Returns the import statements: Node's modules, then packages, then files. */
  statements(): readonly Code[] {
    return [...groupBy(this.#imports.values(), ({ from }) => from)]
      .toSorted(([a], [b]) => rankOf(a) - rankOf(b) || compareText(a, b))
      .map(([from, imports]) => statement(from, imports));
  }

  #keyOf(ref: ImportRef): string {
    return `${this.#moduleOf(ref)} ${ref.name}`;
  }

  #moduleOf({ from }: ImportRef): string {
    if (from.kind === "runtime") return this.#options.runtimeModule ?? RUNTIME_MODULE;
    return from.kind === "package" ? from.name : this.#pathOf(from.module);
  }

  #pathOf(module: string): string {
    return `${this.#options.folder ?? "./"}${module}${this.#options.extension}`;
  }

  #alias(name: string): string {
    let alias = name;
    for (let count = 1; this.#used.has(alias); count++) alias = `${name}$${count}`;
    this.#used.add(alias);
    return alias;
  }
}

function statement(from: string, imports: readonly Import[]): Code {
  const isType = imports.every((imported) => imported.isType);
  const items = imports
    .toSorted((a, b) => compareText(a.name.toLowerCase(), b.name.toLowerCase()) || compareText(a.name, b.name))
    .map(({ name, alias, isType: isTypeName }) => {
      const renamed = name === alias ? name : `${name} as ${alias}`;
      return isTypeName && !isType ? `type ${renamed}` : renamed;
    });
  const listing = { open: "{ ", items, close: " }", isFilled: true } as const;
  return [`import ${isType ? "type " : ""}`, listing, ` from ${stringLiteral(from)};`];
}

function rankOf(module: string): number {
  if (module.startsWith("node:")) return 0;
  return module.startsWith(".") ? 2 : 1;
}
