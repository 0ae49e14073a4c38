import { analyze, assignNames, type Overrides } from "../../compiler/analyze.ts";
import type { Code } from "../../compiler/diagnostics/codes.ts";
import { compareText, type Diagnostic, Diagnostics } from "../../compiler/diagnostics/diagnostic.ts";
import type { Source, Span } from "../../compiler/diagnostics/source.ts";
import { bumpOf, type Change, Changes } from "./change.ts";
import type { Bump, Target } from "./change-kind.ts";
import { compareErrors } from "./compare-errors.ts";
import { compareInterfaces } from "./compare-interfaces.ts";
import { compareTypes } from "./compare-types.ts";
import { comparisonOf, type Version, versionOf } from "./version.ts";
import { withoutNamedTypes } from "./without-named-types.ts";

/** Options of `compareSpecs`. The overrides apply to both versions. */
export interface CompareOptions extends Overrides {
  /** The targets whose source code is taken into account: clients and services by default. */
  readonly targets?: readonly Target[];
  /**
   * Whether the version before is the introspection data of a running service. Such data contains no named types, so only
   * the wire is compared. Interfaces of the service that the version after does not contain are ignored.
   */
  readonly live?: boolean;
}

/** The result of `compareSpecs`. */
export interface CompareResult {
  /** The changes, sorted by class, file and position. Empty if either version has errors. */
  readonly changes: readonly Change[];
  /** The version bump that semver requires. */
  readonly bump: Bump;
  /** The errors in the specs of both versions. */
  readonly diagnostics: readonly Diagnostic<Code>[];
}

/**
 * Compares two versions of specs. It reads no file. Documentation, comments, layout, folders, and the order of files and
 * declarations have no effect.
 */
export function compareSpecs(
  before: readonly Source[],
  after: readonly Source[],
  { targets, live = false, ...overrides }: CompareOptions = {},
): CompareResult {
  const now = readVersion(after, overrides, live);
  const old = readVersion(before, overrides, live, now.version);
  const diagnostics = [...old.errors, ...now.errors];
  if (old.version === undefined || now.version === undefined) return { changes: [], bump: "none", diagnostics };
  const changes = compareVersions(old.version, now.version, targets);
  return { changes, bump: bumpOf(changes), diagnostics };
}

/** Returns the changes between two versions, sorted by class, file and position. */
export function compareVersions(before: Version, after: Version, targets?: readonly Target[]): readonly Change[] {
  const comparison = comparisonOf(before, after, new Changes(targets));
  compareInterfaces(comparison);
  compareTypes(comparison);
  compareErrors(comparison);
  return comparison.changes.list.toSorted(
    (a, b) =>
      CLASS_RANKS[a.class] - CLASS_RANKS[b.class] ||
      compareText(spanOf(a)?.source.path ?? "", spanOf(b)?.source.path ?? "") ||
      (spanOf(a)?.start ?? 0) - (spanOf(b)?.start ?? 0),
  );
}

const CLASS_RANKS = { wire: 0, source: 1, compatible: 2 } as const;

/**
 * Reads one version.
 *
 * @param live - Whether to remove named types.
 * @param reference - With `live`, the version that determines which interfaces are kept.
 */
function readVersion(
  sources: readonly Source[],
  overrides: Overrides,
  live: boolean,
  reference?: Version,
): { readonly version?: Version; readonly errors: readonly Diagnostic<Code>[] } {
  const diagnostics = new Diagnostics();
  // Overrides that match nothing are not reported: they may be for the other version.
  const unreported = new Diagnostics();
  const { ir: fullIr } = analyze(sources, diagnostics, overrides, unreported);
  if (diagnostics.hasErrors) return { errors: diagnostics.sorted().filter(({ severity }) => severity === "error") };
  const ir = live ? withoutNamedTypes(fullIr, reference?.ir) : fullIr;
  return { version: versionOf(ir, assignNames(ir, diagnostics, overrides, unreported)), errors: [] };
}

function spanOf({ after, near, before }: Change): Span | undefined {
  return after ?? near ?? before;
}
