import { isErrorName } from "@dbus-codegen-ts/runtime/grammar";
import { compareText, type Diagnostics } from "../diagnostics/diagnostic.ts";
import type { IntrospectedInterface, Introspection, ErrorDomain as RawDomain } from "../read/introspection.ts";
import { shorten } from "../text/shorten.ts";
import { InterfaceResolver } from "./interface-resolver.ts";
import type { ErrorDefinition, ErrorDomain, Interface, Ir, SharedTypes } from "./ir.ts";
import { readDoc } from "./markup.ts";
import { firstNonstandardMember, isStandardInterface } from "./standard-interfaces.ts";
import { TypeTable } from "./type-table.ts";

/**
 * Converts introspection models to the IR: validates the declarations by the rules of D-Bus and links named types and
 * errors. The order of the specs does not affect the result.
 *
 * @param keepStandard - Whether the result includes standard interfaces.
 */
export function resolve(specs: readonly Introspection[], diagnostics: Diagnostics, keepStandard = false): Ir {
  const sorted = specs.toSorted((a, b) => compareText(a.path, b.path));
  const types = new TypeTable(diagnostics);
  const interfaces = gatherInterfaces(sorted, diagnostics);
  for (const spec of sorted) for (const type of spec.types) types.define(type);
  for (const { raw } of interfaces) for (const type of raw.types) types.define(type);
  const errorDomains = sorted.flatMap(({ errorDomains }) =>
    errorDomains.flatMap((domain) => resolveErrors(domain, diagnostics)),
  );
  reportRepeatedDomains(errorDomains, diagnostics);
  const errors = new Map(errorDomains.flatMap((domain) => domain.errors.map((error) => [error.name, error] as const)));
  const resolved = interfaces.flatMap(({ path, raw }) => {
    return new InterfaceResolver(types, errors, diagnostics).resolve(raw, fileOf(path)) ?? [];
  });
  const generated = keepStandard ? resolved : resolved.filter((iface) => !isStandard(iface, diagnostics));
  const generatedNames = new Set(generated.map(({ name }) => name));
  const standard = interfaces.filter(
    ({ raw: { name } }) => isStandardInterface(name.value) && !generatedNames.has(name.value),
  );
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
    interfaces: generated.toSorted((a, b) => compareText(a.name, b.name)),
    shared,
    errorDomains,
  };
}

/** An interface and the path of its file. */
interface LocatedInterface {
  readonly path: string;
  readonly raw: IntrospectedInterface;
}

/** Returns the interfaces of all specs. Equal definitions in two files count as one; different definitions are reported. */
function gatherInterfaces(specs: readonly Introspection[], diagnostics: Diagnostics): readonly LocatedInterface[] {
  const byName = new Map<string, LocatedInterface>();
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
      else if (comparableForm(first.raw) !== comparableForm(raw)) {
        diagnostics.report("conflict", raw.name.span, `the interface "${name}" is defined differently in two files`, {
          related,
          hint: "pass only one of them to the generator",
        });
      }
    }
  }
  return [...byName.values()];
}

/** Returns a text that is equal for definitions that differ only in documentation and positions. */
function comparableForm(raw: IntrospectedInterface): string {
  return JSON.stringify(raw, (key, value: unknown) => (key === "span" || key === "docs" ? undefined : value));
}

function resolveErrors(raw: RawDomain, diagnostics: Diagnostics): readonly ErrorDomain[] {
  if (!isErrorName(raw.namespace.value)) {
    diagnostics.report(
      "name",
      raw.namespace.span,
      `"${shorten(raw.namespace.value)}" is not a valid prefix of error names`,
      {
        hint: "a prefix has two or more elements separated by dots, as in net.connman.Error",
      },
    );
    return [];
  }
  const seen = new Set<string>();
  const errors = raw.errors.flatMap(({ name, docs }): readonly ErrorDefinition[] => {
    const suffix = name.value.replaceAll(" ", "");
    const full = `${raw.namespace.value}.${suffix}`;
    if (!isErrorName(full)) {
      diagnostics.report("name", name.span, `"${shorten(full)}" is not an error name`, {
        hint: "an error name has the same form as an interface name",
      });
      return [];
    }
    if (seen.has(full)) diagnostics.report("duplicate", name.span, `the error "${shorten(full)}" is defined twice`);
    seen.add(full);
    return [{ name: full, domain: raw.namespace.value, suffix, doc: readDoc(docs), span: name.span }];
  });
  return [{ name: raw.namespace.value, errors, doc: readDoc(raw.docs), span: raw.namespace.span }];
}

function reportRepeatedDomains(domains: readonly ErrorDomain[], diagnostics: Diagnostics): void {
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

/** Returns whether the runtime implements an interface. Reports one that has a standard name but other members. */
function isStandard(iface: Interface, diagnostics: Diagnostics): boolean {
  if (!isStandardInterface(iface.name)) return false;
  const nonstandard = firstNonstandardMember(iface);
  if (nonstandard === undefined) return true;
  const message = `"${iface.name}" is a standard interface, but the D-Bus specification does not define its "${nonstandard.name}" in this way`;
  diagnostics.report("reserved-interface", iface.span, message, {
    hint: "clients can use the generated module; objects serve the interface of the specification",
  });
  return false;
}

function fileOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
