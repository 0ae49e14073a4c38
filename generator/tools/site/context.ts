import { compareText } from "../../compiler/diagnostics/diagnostic.ts";
import type { ImportRef } from "../../compiler/emit/file-model.ts";
import { TypeEmitter } from "../../compiler/emit/type-emitter.ts";
import type { ExportName, Names } from "../../compiler/names/identifiers.ts";
import type { ErrorDefinition, Ir, NamedType } from "../../compiler/resolve/ir.ts";
import { type Group, groupInterfaces } from "./groups.ts";
import { type Place, Places } from "./places.ts";
import { References } from "./references.ts";
import { type User, usersOf } from "./usage.ts";

/** The input of all pages. */
export interface SiteContext {
  readonly ir: Ir;
  readonly names: Names;
  readonly title: string;
  readonly types: TypeEmitter;
  readonly places: Places;
  readonly references: References;
  readonly groups: readonly Group[];
  readonly users: ReadonlyMap<NamedType, readonly User[]>;
  /** Returns the place of the type or error that an import of generated code refers to. */
  placeOf(ref: ImportRef): Place | undefined;
}

/** Collects the input of all pages. `ending` is that of the file names. */
export function siteContext(ir: Ir, names: Names, title: string, ending: ".html" | ".md"): SiteContext {
  const all = [...ir.interfaces, ...ir.shared].flatMap(({ types }) => types);
  const places = new Places(ir, names, ending);
  const exports = new Map<string, NamedType | ErrorDefinition>();
  const add = (declaration: NamedType | ErrorDefinition, name: ExportName): void =>
    void exports.set(`${name.module} ${name.name}`, declaration);
  for (const type of all) add(type, names.type(type));
  for (const { errors } of ir.errorDomains) for (const error of errors) add(error, names.error(error));
  const byName = (a: { readonly name: string }, b: { readonly name: string }): number => compareText(a.name, b.name);
  return {
    ir: { ...ir, errorDomains: ir.errorDomains.toSorted(byName), shared: ir.shared.toSorted(byName) },
    names,
    title,
    types: new TypeEmitter(names, all),
    places,
    references: new References(ir, places),
    groups: groupInterfaces(ir.interfaces),
    users: usersOf(ir),
    placeOf({ from, name }) {
      const declaration = from.kind === "generated" ? exports.get(`${from.module} ${name}`) : undefined;
      return declaration && places.of(declaration);
    },
  };
}
