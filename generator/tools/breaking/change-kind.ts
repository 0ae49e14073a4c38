import type { Example, Explanation } from "../../compiler/diagnostics/example.ts";

/** The effect of a change: `wire` breaks deployed programs, `source` breaks code when it is compiled. */
export type ChangeClass = "wire" | "source" | "compatible";

/** The side whose source code uses the generated modules. */
export type Target = "client" | "service";
export const TARGETS: readonly ["client", "service"] = ["client", "service"];

/** The version bump that semver requires; `none` if nothing changed. */
export type Bump = "major" | "minor" | "patch" | "none";

/** A kind of change as its author writes it. */
interface ChangeKindDefinition<Code extends string> {
  /** The name of the kind in reports. It never changes. */
  readonly code: Code;
  readonly title: string;
  /** The effect of the change and why it matters. */
  readonly meaning: string;
  /** Advice for the author of the spec. The default states that none is needed. */
  readonly fix?: string;
  /** The version bump for a compatible change: `minor` by default. */
  readonly bump?: "minor" | "patch";
  /** The targets whose source code breaks: both by default. */
  readonly targets?: readonly Target[];
  /** An example of specs before the change. */
  readonly before: Example;
  /** The specs after the change. */
  readonly after: Example;
  /** Specs that reach the goal without the change: the same as `before` by default. */
  readonly better?: Example;
  /** Codes of other changes that the example contains. */
  readonly also?: readonly string[];
}

/** A kind of change with its documentation. */
export interface ChangeKind<Code extends string = string> extends ChangeKindDefinition<Code>, Explanation {
  readonly class: ChangeClass;
  readonly fix: string;
  readonly bump: "minor" | "patch";
  readonly targets: readonly Target[];
  readonly better: Example;
  readonly also: readonly string[];
}

/** Returns kinds of one class with their defaults. The type of the result contains their codes as literals. */
export function defineChangeKinds<Code extends string>(
  changeClass: ChangeClass,
  definitions: readonly ChangeKindDefinition<Code>[],
): readonly ChangeKind<Code>[] {
  return definitions.map((definition) => ({
    class: changeClass,
    fix: "No action is needed.",
    bump: "minor",
    targets: TARGETS,
    better: definition.before,
    also: [],
    ...definition,
  }));
}
