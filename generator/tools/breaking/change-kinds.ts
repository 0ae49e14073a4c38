import { ANNOTATION_CHANGES } from "./kinds/annotation-changes.ts";
import { COMPATIBLE_CHANGES } from "./kinds/compatible-changes.ts";
import { SOURCE_CHANGES } from "./kinds/source-changes.ts";
import { WIRE_CHANGES } from "./kinds/wire-changes.ts";

/** All kinds of changes. */
export const CHANGE_KINDS = [...WIRE_CHANGES, ...SOURCE_CHANGES, ...COMPATIBLE_CHANGES, ...ANNOTATION_CHANGES] as const;

/** The code of a kind of change. */
export type ChangeCode = (typeof CHANGE_KINDS)[number]["code"];
