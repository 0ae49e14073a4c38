import { analyze, assignNames, type Overrides } from "../../compiler/analyze.ts";
import type { Code } from "../../compiler/diagnostics/codes.ts";
import { type Diagnostic, Diagnostics, compareText as order } from "../../compiler/diagnostics/diagnostic.ts";
import type { Source } from "../../compiler/diagnostics/source.ts";
import { type Bump, bumpOf, type Change, Changes, type Target } from "./changes.ts";
import { compareTypes } from "./compare-types.ts";
import { compareErrors } from "./errors.ts";
import { compareInterfaces } from "./interfaces.ts";
import { withoutTypes } from "./plain.ts";
import { Relation } from "./relation.ts";
import { pairTypes } from "./type-pairs.ts";
import { type Version, versionOf } from "./version.ts";

/** What is said outside of specs holds for both versions. */
export interface CompareOptions extends Overrides {
  /** Whose source code matters; that of clients and services unless said. */
  readonly targets?: readonly Target[];
  /**
   * Whether the version before is what a running service says of itself: it knows no named types, so that only the wire
   * is compared, and what it serves beside the given interfaces is its own business.
   */
  readonly live?: boolean;
}

export interface CompareResult {
  /** What changed, worst first, then by place; none where either side has errors. */
  readonly changes: readonly Change[];
  /** The next version that semver asks for. */
  readonly bump: Bump;
  /** Errors in the specs of either side. */
  readonly diagnostics: readonly Diagnostic<Code>[];
}

/**
 * Compares two versions of specs. Pure: it reads no file. Documentation, comments, layout, the order of declarations
 * and of files, and the folders they stand in have no meaning.
 */
export function compareSpecs(
  before: readonly Source[],
  after: readonly Source[],
  { targets, live = false, ...outside }: CompareOptions = {},
): CompareResult {
  const now = readVersion(after, outside, live);
  const old = readVersion(before, outside, live, live ? now.version : undefined);
  const diagnostics = [...old.errors, ...now.errors];
  if (old.version === undefined || now.version === undefined) return { changes: [], bump: "none", diagnostics };
  const changes = compareVersions(old.version, now.version, targets);
  return { changes, bump: bumpOf(changes), diagnostics };
}

function compareVersions(before: Version, after: Version, targets?: readonly Target[]): readonly Change[] {
  const versions = { before, after, types: pairTypes(before, after), changes: new Changes(targets) };
  const relation = new Relation(versions);
  compareInterfaces(versions, relation);
  compareTypes(versions, relation);
  compareErrors(versions);
  return versions.changes.list.toSorted(
    (a, b) => RANK[a.class] - RANK[b.class] || order(pathOf(a), pathOf(b)) || startOf(a) - startOf(b),
  );
}

const RANK = { wire: 0, source: 1, compatible: 2 } as const;

function readVersion(
  sources: readonly Source[],
  outside: Overrides,
  isPlain: boolean,
  like?: Version,
): {
  readonly version?: Version;
  readonly errors: readonly Diagnostic<Code>[];
} {
  const diagnostics = new Diagnostics();
  const elsewhere = new Diagnostics();
  const { ir } = analyze(sources, diagnostics, outside, elsewhere);
  if (diagnostics.hasErrors) return { errors: diagnostics.sorted().filter(({ severity }) => severity === "error") };
  const known = isPlain ? withoutTypes(ir, like?.ir) : ir;
  return { version: versionOf(known, assignNames(known, diagnostics, outside, elsewhere)), errors: [] };
}

function pathOf({ after, near, before }: Change): string {
  return (after ?? near ?? before)?.source.path ?? "";
}

function startOf({ after, near, before }: Change): number {
  return (after ?? near ?? before)?.start ?? 0;
}
