import { compareText } from "../../compiler/diagnostics/diagnostic.ts";
import type { ImportRef } from "../../compiler/emit/file-model.ts";
import { TypeEmitter } from "../../compiler/emit/type-emitter.ts";
import type { ExportName, Names } from "../../compiler/names/identifiers.ts";
import type { ErrorDefinition, Ir, NamedType } from "../../compiler/resolve/ir.ts";
import { groupInterfaces, type InterfaceGroup } from "./interface-groups.ts";
import { References } from "./references.ts";
import { type Location, SiteMap } from "./site-map.ts";
import { findTypeUses, type TypeUse } from "./type-uses.ts";

/** The input of all pages. */
export interface SiteContext {
  readonly ir: Ir;
  readonly names: Names;
  readonly title: string;
  readonly types: TypeEmitter;
  readonly siteMap: SiteMap;
  readonly references: References;
  readonly groups: readonly InterfaceGroup[];
  readonly typeUses: ReadonlyMap<NamedType, readonly TypeUse[]>;
  /** Returns the location of the type or error that an import of generated code refers to. */
  locationOf(ref: ImportRef): Location | undefined;
}

/** Collects the input of all pages. `ending` is that of the file names. */
export function siteContext(ir: Ir, names: Names, title: string, ending: ".html" | ".md"): SiteContext {
  const all = [...ir.interfaces, ...ir.shared].flatMap(({ types }) => types);
  const siteMap = new SiteMap(ir, names, ending);
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
    siteMap,
    references: new References(ir, siteMap),
    groups: groupInterfaces(ir.interfaces),
    typeUses: findTypeUses(ir),
    locationOf({ from, name }) {
      const declaration = from.kind === "generated" ? exports.get(`${from.module} ${name}`) : undefined;
      return declaration && siteMap.of(declaration);
    },
  };
}
