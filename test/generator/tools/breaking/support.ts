import { type CompareOptions, type CompareResult, compareSpecs, type Source } from "dbus-codegen-ts";
import { type Specs, spec } from "../../support.ts";

/** One side of a comparison: what stands in the interface `a.b.C1`, or specs by path. */
export type Side = string | Specs;

/** Specs as sources; what stands in an interface becomes `a.xml`, on its second line. */
export function sources(side: Side): readonly Source[] {
  const files = typeof side === "string" ? { "a.xml": spec(`\n${side}\n`, "a.b.C1") } : side;
  return Object.entries(files).map(([path, content]) => ({ path, content }));
}

/** Compares two sides. */
export function changed(before: Side, after: Side, options?: CompareOptions): CompareResult {
  return compareSpecs(sources(before), sources(after), options);
}

/** Changes as `class code`, with whose code breaks where it is not both. */
export function classes({ changes }: CompareResult): readonly string[] {
  return changes.map(({ class: own, code, targets }) => {
    const whose = own === "source" && targets.length === 1 ? `(${targets.join()})` : "";
    return `${own}${whose} ${code}`;
  });
}
