import { isErrorName } from "@dbus-codegen-ts/runtime/grammar";
import { compareText, type Diagnostics } from "../diagnostics/diagnostic.ts";
import type { IntrospectedInterface, Introspection, ErrorDomain as RawDomain } from "../read/introspection.ts";
import { shorten } from "../text/shorten.ts";
import { InterfaceResolver } from "./interface-resolver.ts";
import type { ErrorDefinition, ErrorDomain, Interface, Ir, SharedTypes } from "./ir.ts";
import { readDoc } from "./markup.ts";
import { foreignMember, isStandardInterface } from "./standard-interfaces.ts";
import { TypeTable } from "./type-table.ts";

/**
 * Checks what specs declare by the rules of D-Bus and links it: types, errors, annotations. The order of specs has no meaning.
 *
 * @param keepStandard - Whether the result contains interfaces that every service has.
 */
export function resolve(specs: readonly Introspection[], diagnostics: Diagnostics, keepStandard = false): Ir {
  const sorted = specs.toSorted((a, b) => compareText(a.path, b.path));
  const types = new TypeTable(diagnostics);
  const interfaces = gatherInterfaces(sorted, diagnostics);
  for (const { path, types: own } of sorted) for (const type of own) types.define(type, folderOf(path));
  for (const { path, raw } of interfaces) for (const type of raw.types) types.define(type, folderOf(path));
  const errorDomains = sorted.flatMap(({ errorDomains }) =>
    errorDomains.flatMap((domain) => resolveErrors(domain, diagnostics)),
  );
  checkDomains(errorDomains, diagnostics);
  const errors = new Map(errorDomains.flatMap((domain) => domain.errors.map((error) => [error.name, error] as const)));
  const resolved = interfaces.flatMap(({ path, raw }) => {
    const one = new InterfaceResolver(types, errors, folderOf(path), diagnostics).resolve(raw, fileOf(path));
    return one === undefined ? [] : [one];
  });
  const standard = interfaces.filter(({ raw }) => isStandardInterface(raw.name.value));
  const shared = sorted.flatMap((spec): readonly SharedTypes[] => {
    // Standard interfaces are not generated, but other interfaces may use types that are declared inside them.
    const inStandard = standard.filter(({ path }) => path === spec.path).flatMap(({ raw }) => raw.types);
    const definitions = [...spec.types, ...inStandard];
    const [first] = definitions;
    if (first === undefined) return [];
    return [
      {
        name: fileOf(spec.path).replace(/\.xml$/i, ""),
        types: definitions.flatMap((type) => types.resolve(type) ?? []),
        span: first.span,
      },
    ];
  });
  return {
    interfaces: resolved
      .filter((iface) => keepStandard || !isStandard(iface, diagnostics))
      .toSorted((a, b) => compareText(a.name, b.name)),
    shared,
    errorDomains,
  };
}

interface Placed {
  readonly path: string;
  readonly raw: IntrospectedInterface;
}

/** The interfaces of all specs. The same one in two files counts once; two different ones of a name are a complaint. */
function gatherInterfaces(specs: readonly Introspection[], diagnostics: Diagnostics): readonly Placed[] {
  const byName = new Map<string, Placed>();
  for (const { path, interfaces } of specs) {
    for (const raw of interfaces) {
      const first = byName.get(raw.name.value);
      if (first === undefined) {
        byName.set(raw.name.value, { path, raw });
        continue;
      }
      const name = shorten(raw.name.value);
      const related = { message: "first defined here", span: first.raw.name.span };
      if (first.path === path)
        diagnostics.report("duplicate", raw.name.span, `the interface "${name}" is defined twice`, { related });
      else if (shapeOf(first.raw) !== shapeOf(raw)) {
        diagnostics.report("conflict", raw.name.span, `the interface "${name}" is defined differently in two files`, {
          related,
          hint: "give the generator only one of them",
        });
      }
    }
  }
  return [...byName.values()];
}

/** What makes two definitions of an interface the same: everything but docs, places and order of annotations. */
function shapeOf(raw: IntrospectedInterface): string {
  return JSON.stringify(raw, (key, value: unknown) => (key === "span" || key === "docs" ? undefined : value));
}

function resolveErrors(raw: RawDomain, diagnostics: Diagnostics): readonly ErrorDomain[] {
  if (!isErrorName(raw.namespace.value)) {
    diagnostics.report("name", raw.namespace.span, `"${shorten(raw.namespace.value)}" cannot begin error names`, {
      hint: "it has two or more elements separated by dots, as net.connman.Error",
    });
    return [];
  }
  const seen = new Set<string>();
  const errors = raw.errors.flatMap(({ name, docs }): readonly ErrorDefinition[] => {
    const suffix = name.value.replaceAll(" ", "");
    const full = `${raw.namespace.value}.${suffix}`;
    if (!isErrorName(full)) {
      diagnostics.report("name", name.span, `"${shorten(full)}" is not an error name`, {
        hint: "an error name is formed like an interface name",
      });
      return [];
    }
    if (seen.has(full)) diagnostics.report("duplicate", name.span, `the error "${shorten(full)}" is defined twice`);
    seen.add(full);
    return [{ name: full, domain: raw.namespace.value, suffix, doc: readDoc(docs), span: name.span }];
  });
  return [{ name: raw.namespace.value, errors, doc: readDoc(raw.docs), span: raw.namespace.span }];
}

function checkDomains(domains: readonly ErrorDomain[], diagnostics: Diagnostics): void {
  const first = new Map<string, ErrorDomain>();
  for (const domain of domains) {
    const before = first.get(domain.name);
    if (before === undefined) first.set(domain.name, domain);
    else {
      diagnostics.report("duplicate", domain.span, `the errors of "${domain.name}" are defined twice`, {
        related: { message: "first defined here", span: before.span },
      });
    }
  }
}

/** Whether an interface is one that the runtime serves itself; a deviation from the specification is a complaint. */
function isStandard(one: Interface, diagnostics: Diagnostics): boolean {
  if (!isStandardInterface(one.name)) return false;
  const foreign = foreignMember(one);
  if (foreign !== undefined) {
    diagnostics.report(
      "reserved-interface",
      one.span,
      `"${one.name}" is a standard interface, and its "${foreign.name}" is not that of the D-Bus specification`,
      {
        hint: "remove the interface from the spec: every service has it",
      },
    );
  }
  return true;
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

function fileOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
