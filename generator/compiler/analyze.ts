import { compareText, type Diagnostics } from "./diagnostics/diagnostic.ts";
import { Origin } from "./diagnostics/origin.ts";
import type { Source } from "./diagnostics/source.ts";
import { decideNames } from "./names/decide-names.ts";
import type { Names } from "./names/identifiers.ts";
import { chooseNames, type NameOverrides } from "./names/name-overrides.ts";
import { applyOverlays } from "./overlays/apply-overlays.ts";
import type { Introspection } from "./read/introspection.ts";
import { read } from "./read/read.ts";
import { type AnnotationOverrides, annotate } from "./resolve/annotation-overrides.ts";
import type { Ir } from "./resolve/ir.ts";
import { resolve } from "./resolve/resolve.ts";

/** Names and annotations from outside the specs, such as from a config file. */
export interface Overrides {
  /** Identifiers by the address of the declaration, such as `{ "org.example.Lamp1.SetColour": "setColor" }`. */
  readonly rename?: NameOverrides;
  /**
   * Number of elements at the end of an interface name from which the names of its classes are made: 1 by default. With
   * 2, the classes of `org.freedesktop.login1.Session` are `Login1SessionClient` and `Login1SessionService`.
   */
  readonly nameElements?: number;
  /**
   * Annotations by an address pattern, in which `*` matches any part of a name, such as
   * `{ "org.example.Lamp1.*()": { "org.freedesktop.systemd1.Privileged": "true" } }`.
   */
  readonly annotate?: AnnotationOverrides;
  /** The texts that contain the overrides. Diagnostics about an override point to its position in them. */
  readonly writtenIn?: readonly Source[];
}

/** Options of `analyze`. */
export interface AnalyzeOptions extends Overrides {
  /**
   * Whether only contracts are generated, without client and service classes, and also for standard interfaces such as
   * `org.freedesktop.DBus.Properties`. False by default: standard interfaces are compared with the D-Bus specification
   * and left out.
   */
  readonly contractsOnly?: boolean;
}

/** The result of reading and resolving specs. */
export interface Analysis {
  /** The introspection model of each file, sorted by path. */
  readonly specs: readonly Introspection[];
  /** All specs together, checked and linked. Incomplete if `diagnostics.hasErrors`. */
  readonly ir: Ir;
}

/**
 * Reads and resolves specs, merged with the overlays among them. Problems are reported to `diagnostics`; input never causes an exception. The order of the
 * sources does not affect the result.
 *
 * @param overrideDiagnostics - Receives problems of annotation overrides. Pass a separate object to ignore overrides for
 * declarations that the given specs do not contain.
 */
export function analyze(
  sources: readonly Source[],
  diagnostics: Diagnostics,
  options: AnalyzeOptions = {},
  overrideDiagnostics = diagnostics,
): Analysis {
  const models = read(
    sources.toSorted((a, b) => compareText(a.path, b.path)),
    diagnostics,
  );
  // After an error the model may lack the declaration that an overlay or override is for, so these are not applied.
  const specs = diagnostics.hasErrors
    ? models
    : annotate(
        applyOverlays(models, diagnostics),
        options.annotate ?? {},
        new Origin(options.writtenIn ?? []),
        overrideDiagnostics,
      );
  return { specs, ir: resolve(specs, diagnostics, options.contractsOnly) };
}

/**
 * Decides the TypeScript identifiers and file names for all declarations. Collisions are reported to `diagnostics`.
 *
 * @param ir - The result of `analyze` without errors.
 * @param overrideDiagnostics - Receives problems of renames; see `analyze`.
 */
export function assignNames(
  ir: Ir,
  diagnostics: Diagnostics,
  overrides: Overrides = {},
  overrideDiagnostics = diagnostics,
): Names {
  const chosen = chooseNames(ir, overrides.rename ?? {}, new Origin(overrides.writtenIn ?? []), overrideDiagnostics);
  return decideNames(ir, diagnostics, chosen, overrides.nameElements);
}
