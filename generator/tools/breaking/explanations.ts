import type { ChangeCode } from "./changes.ts";
import { COMPATIBLE } from "./explanations/compatible.ts";
import type { ChangeExplanation, ExplanationsOf } from "./explanations/explanation.ts";
import { SOURCE } from "./explanations/source.ts";
import { WIRE } from "./explanations/wire.ts";

const WRITTEN: ExplanationsOf<"wire" | "source" | "compatible"> = { ...WIRE, ...SOURCE, ...COMPATIBLE };

/** What a kind of change breaks, with versions that show it. */
export function explainChange(code: ChangeCode): ChangeExplanation {
  const { fix = "Nothing needs to be done.", better = WRITTEN[code].before, ...written } = WRITTEN[code];
  return { ...written, fix, better };
}
