import { DESIGN_RULES } from "./design-rules.ts";
import { DOC_RULES } from "./doc-rules.ts";
import { NAMING_RULES } from "./naming-rules.ts";
import { TYPE_RULES } from "./type-rules.ts";

/** All lint rules. */
export const RULES = [...DOC_RULES, ...NAMING_RULES, ...DESIGN_RULES, ...TYPE_RULES] as const;

/** The code of a lint rule. */
export type RuleName = (typeof RULES)[number]["code"];
