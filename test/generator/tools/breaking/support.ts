import { type CompareOptions, type CompareResult, compareSpecs, type Source } from "dbus-codegen-ts";
import { type Specs, spec } from "../../support.ts";

/** One side of a comparison: the content of the interface `a.b.C1`, or specs by path. */
export type Side = string | Specs;

/** Returns the sources of a side. The content of an interface is the second line of `a.xml`. */
export function sources(side: Side): readonly Source[] {
  const files = typeof side === "string" ? { "a.xml": spec(`\n${side}\n`, "a.b.C1") } : side;
  return Object.entries(files).map(([path, content]) => ({ path, content }));
}

/** Compares two sides. */
export function changed(before: Side, after: Side, options?: CompareOptions): CompareResult {
  return compareSpecs(sources(before), sources(after), options);
}

/** Returns the changes as `class code`. The class is followed by the target if the change breaks only one target. */
export function classes({ changes }: CompareResult): readonly string[] {
  return changes.map(({ class: changeClass, code, targets }) => {
    const target = changeClass === "source" && targets.length === 1 ? `(${targets.join()})` : "";
    return `${changeClass}${target} ${code}`;
  });
}
