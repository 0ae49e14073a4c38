import { compareText, type Diagnostics } from "./diagnostics/diagnostic.ts";
import { Origin } from "./diagnostics/origin.ts";
import type { Source } from "./diagnostics/source.ts";
import { decideNames } from "./names/decide-names.ts";
import type { Names } from "./names/identifiers.ts";
import { chooseNames, type NameOverrides } from "./names/name-overrides.ts";
import type { Introspection } from "./read/introspection.ts";
import { read } from "./read/read.ts";
import { type AnnotationOverrides, annotate } from "./resolve/annotation-overrides.ts";
import type { Ir } from "./resolve/ir.ts";
import { resolve } from "./resolve/resolve.ts";

/** What is said about specs outside of them. */
export interface Overrides {
  /** Identifiers from outside the specs, such as `{ "org.example.Lamp1.SetColour": "setColor" }`. */
  readonly rename?: NameOverrides;
  /** Annotations from outside the specs: values by name, by the pattern of what gets them. */
  readonly annotate?: AnnotationOverrides;
  /** Texts that this comes from, such as a config file: complaints about it show its place there. */
  readonly writtenIn?: readonly Source[];
}

/** How specs are analyzed. */
export interface AnalyzeOptions extends Overrides {
  /**
   * Generates contracts without client and service classes, and also for interfaces that every service has, such as
   * `org.freedesktop.DBus.Properties`. False by default: these interfaces are compared with the D-Bus specification and left
   * out.
   */
  readonly contractsOnly?: boolean;
}

/** What specs say: file by file as they are written, and as a whole checked and linked. */
export interface Analysis {
  readonly specs: readonly Introspection[];
  readonly ir: Ir;
}

/**
 * The first two stages of the pipeline, which everything that looks at specs begins with. The order of sources has no
 * meaning.
 *
 * @param complaints - Gets what is wrong with annotations from outside; others than `diagnostics` where the specs may be
 * only some of those that they are for.
 */
export function analyze(
  sources: readonly Source[],
  diagnostics: Diagnostics,
  outside: AnalyzeOptions = {},
  complaints = diagnostics,
): Analysis {
  const written = read(
    sources.toSorted((a, b) => compareText(a.path, b.path)),
    diagnostics,
  );
  // What could not be read may be what an annotation is for.
  const specs = diagnostics.hasErrors
    ? written
    : annotate(written, outside.annotate ?? {}, new Origin(outside.writtenIn ?? []), complaints);
  return { specs, ir: resolve(specs, diagnostics, outside.contractsOnly) };
}

/** The third stage: identifiers for everything. The parameters are those of `understand`. */
export function assignNames(
  ir: Ir,
  diagnostics: Diagnostics,
  outside: Overrides = {},
  complaints = diagnostics,
): Names {
  const chosen = chooseNames(ir, outside.rename ?? {}, new Origin(outside.writtenIn ?? []), complaints);
  return decideNames(ir, diagnostics, chosen);
}
