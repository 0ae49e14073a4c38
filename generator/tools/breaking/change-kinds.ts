import type { ChangeClass } from "./change-kind.ts";
import { ANNOTATION_CHANGES } from "./kinds/annotation-changes.ts";
import { COMPATIBLE_CHANGES } from "./kinds/compatible-changes.ts";
import { SOURCE_CHANGES } from "./kinds/source-changes.ts";
import { WIRE_CHANGES } from "./kinds/wire-changes.ts";

const KINDS = [...WIRE_CHANGES, ...SOURCE_CHANGES, ...COMPATIBLE_CHANGES, ...ANNOTATION_CHANGES];
const CLASSES: readonly ChangeClass[] = ["wire", "source", "compatible"];

/** All kinds of changes, by class. */
export const CHANGE_KINDS = CLASSES.flatMap((changeClass) => KINDS.filter((kind) => kind.class === changeClass));

/** The code of a kind of change. */
export type ChangeCode = (typeof CHANGE_KINDS)[number]["code"];
