import { compareText, type Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import type { Interface } from "../../compiler/resolve/ir.ts";
import { shortFileName } from "../../compiler/text/short-file-name.ts";
import { describeDifference, interfaceDifferences } from "./interface-differences.ts";
import type { LiveObject } from "./live-document.ts";
import { writeInterface } from "./spec-xml.ts";

/** The interfaces of many objects without duplicates. */
export interface MergedInterfaces {
  /** The interfaces, sorted by name. */
  readonly interfaces: readonly Interface[];
  /** A warning for each different definition of an interface. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Merges the interfaces of objects. If definitions of an interface differ, the definition at the first path is used and
 * a warning is reported.
 */
export function mergeObjects(objects: readonly LiveObject[]): MergedInterfaces {
  const used = new Map<string, Definition>();
  const seenTexts = new Set<string>();
  // Equal documents of several objects have the same interfaces.
  const texts = new Map<Interface, string>();
  const diagnostics: Diagnostic[] = [];
  for (const { path, interfaces } of objects.toSorted((a, b) => compareText(a.path, b.path))) {
    for (const iface of interfaces) {
      const text = texts.get(iface) ?? writeInterface(iface);
      texts.set(iface, text);
      const definition = { iface, text, path };
      const usedDefinition = used.get(iface.name);
      if (usedDefinition === undefined) used.set(iface.name, definition);
      else if (usedDefinition.text !== text && !seenTexts.has(text))
        diagnostics.push(differenceWarning(usedDefinition, definition));
      seenTexts.add(text);
    }
  }
  const interfaces = [...used.values()].map(({ iface }) => iface);
  return { interfaces: interfaces.toSorted((a, b) => compareText(a.name, b.name)), diagnostics };
}

/** A definition of an interface by one object. */
interface Definition {
  readonly iface: Interface;
  /** The definition in normal form. */
  readonly text: string;
  readonly path: string;
}

function differenceWarning(used: Definition, { iface, path }: Definition): Diagnostic {
  const [difference] = interfaceDifferences(used.iface, iface);
  const description = difference === undefined ? "names or annotations differ" : describeDifference(difference);
  return {
    code: "live-differs",
    severity: "warning",
    message: `the interface "${iface.name}" at ${path} differs from that at ${used.path}, which is used: ${description}`,
    span: iface.span,
    related: { message: "the used definition", span: used.iface.span },
  };
}

/** Returns the file name for the spec of an interface. */
export function specFileName(name: string): string {
  return `${shortFileName(name)}.xml`;
}
