import type { Example, Explanation } from "../../../compiler/diagnostics/example.ts";
import type { CHANGES, ChangeClass, ChangeCode } from "../changes.ts";

/** A change is shown by two versions of a spec, and a third that gets there without it. */
export interface ChangeExplanation extends Explanation {
  readonly before: Example;
  readonly after: Example;
  readonly better: Example;
  /** Other changes that follow from the same one. */
  readonly also?: readonly ChangeCode[];
}

/** The codes of a class. */
type CodeOf<C extends ChangeClass> = {
  readonly [K in ChangeCode]: (typeof CHANGES)[K]["class"] extends C ? K : never;
}[ChangeCode];

/**
 * Explanations as they are written down: where no other version is better, the one before is; where nothing is to be
 * done, nothing is said.
 */
export type ExplanationsOf<C extends ChangeClass> = Readonly<
  Record<CodeOf<C>, Pick<ChangeExplanation, "meaning" | "before" | "after" | "also"> & Partial<ChangeExplanation>>
>;
