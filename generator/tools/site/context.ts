import { compareText } from "../../compiler/diagnostics/diagnostic.ts";
import type { ImportRef } from "../../compiler/emit/file-model.ts";
import { TypeEmitter } from "../../compiler/emit/type-emitter.ts";
import type { ExportName, Names } from "../../compiler/names/identifiers.ts";
import type { ErrorDefinition, Ir, NamedType } from "../../compiler/resolve/ir.ts";
import { groupInterfaces, type InterfaceGroup } from "./interface-groups.ts";
import type { Location } from "./location.ts";
import { type PagePlace, pagePlaces } from "./page-places.ts";
import { References } from "./references.ts";
import { type ServiceSettings, ServiceTargets } from "./service-targets.ts";
import { type PageSubject, SiteMap } from "./site-map.ts";
import { findTypeUses, type TypeUse } from "./type-uses.ts";

/** The specs and everything computed from them once, from which each page of the site is rendered. */
export interface SiteContext {
  readonly ir: Ir;
  readonly names: Names;
  readonly title: string;
  readonly types: TypeEmitter;
  readonly siteMap: SiteMap;
  readonly references: References;
  readonly groups: readonly InterfaceGroup[];
  readonly pagePlaces: ReadonlyMap<PageSubject, PagePlace>;
  /** The services for which snippets are written. */
  readonly targets: ServiceTargets;
  readonly typeUses: ReadonlyMap<NamedType, readonly TypeUse[]>;
  /** Returns the location of the type or error of a spec that an import of generated code refers to. */
  locationOf(ref: ImportRef): Location | undefined;
}

/**
 * Computes the data from which all pages are rendered.
 *
 * @param services - Bus, name and path of the services for which snippets are written, by interface name or its
 *   beginning.
 * @param ending - Ending of the names of pages.
 */
export function siteContext(
  resolved: Ir,
  names: Names,
  title: string,
  services: Readonly<Record<string, ServiceSettings>>,
  ending: ".html" | ".md",
): SiteContext {
  const byName = (a: { readonly name: string }, b: { readonly name: string }): number => compareText(a.name, b.name);
  const ir: Ir = {
    ...resolved,
    errorDomains: resolved.errorDomains.toSorted(byName),
    shared: resolved.shared.toSorted(byName),
  };
  const all = [...ir.interfaces, ...ir.shared].flatMap(({ types }) => types);
  const siteMap = new SiteMap(resolved, names, ending);
  const groups = groupInterfaces(ir.interfaces);
  const exports = new Map<string, NamedType | ErrorDefinition>();
  const add = (declaration: NamedType | ErrorDefinition, name: ExportName): void =>
    void exports.set(`${name.module} ${name.name}`, declaration);
  for (const type of all) add(type, names.type(type));
  for (const { errors } of ir.errorDomains) for (const error of errors) add(error, names.error(error));
  return {
    ir,
    names,
    title,
    types: new TypeEmitter(names, all),
    siteMap,
    references: new References(resolved, siteMap),
    groups,
    pagePlaces: pagePlaces(ir, groups, siteMap),
    targets: new ServiceTargets(services),
    typeUses: findTypeUses(ir),
    locationOf({ from, name }) {
      const declaration = from.kind === "generated" ? exports.get(`${from.module} ${name}`) : undefined;
      return declaration && siteMap.of(declaration);
    },
  };
}
