import { compareText, type Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { type DifferenceKind, describeDifference, interfaceDifferences } from "../introspect/interface-differences.ts";
import type { FoundSpec } from "./found-spec.ts";

/** The specs of a service by the place where they were found. Each list has an interface at most once. */
export interface FoundSpecs {
  readonly installed: readonly FoundSpec[];
  readonly running: readonly FoundSpec[];
  readonly catalogue: readonly FoundSpec[];
}

/** One spec for each interface, sorted by name. */
export interface ChosenSpecs {
  readonly specs: readonly FoundSpec[];
  /** A warning for each installed spec that differs from the running service. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Chooses a spec for each interface, in this order: the installed spec, unless the running service differs from it; the
 * spec of the running service; the spec of the catalogue.
 */
export function chooseSpecs({ installed, running, catalogue }: FoundSpecs): ChosenSpecs {
  const chosen = new Map<string, FoundSpec>();
  for (const spec of [...catalogue, ...running]) chosen.set(spec.iface.name, spec);
  const live = new Map(running.map((spec) => [spec.iface.name, spec]));
  const diagnostics: Diagnostic[] = [];
  for (const spec of installed) {
    const difference = differenceFrom(live.get(spec.iface.name), spec);
    if (difference === undefined) chosen.set(spec.iface.name, spec);
    else diagnostics.push(difference);
  }
  return { specs: [...chosen.values()].toSorted((a, b) => compareText(a.iface.name, b.iface.name)), diagnostics };
}

/**
 * Kinds of differences in annotations, which are ignored because many services leave annotations out of their
 * introspection data.
 */
const ANNOTATED: ReadonlySet<DifferenceKind> = new Set(["method-no-reply", "property-emits"]);

/** Returns a warning if an installed spec differs from the running service. */
function differenceFrom(running: FoundSpec | undefined, { iface }: FoundSpec): Diagnostic | undefined {
  const differences = running === undefined ? [] : interfaceDifferences(running.iface, iface);
  const difference = differences.find(({ kind }) => !ANNOTATED.has(kind));
  if (difference === undefined) return undefined;
  return {
    code: "installed-differs",
    severity: "warning",
    message: `the running service has another version of the interface "${iface.name}", which is used: ${describeDifference(difference)}`,
    span: iface.span,
  };
}
