import type { DiagnosticKind } from "./codes/diagnostic-kind.ts";
import { INPUT_CODES } from "./codes/input-codes.ts";
import { INTERFACE_CODES } from "./codes/interface-codes.ts";
import { TYPE_CODES } from "./codes/type-codes.ts";
import { XML_CODES } from "./codes/xml-codes.ts";

/** Every kind of diagnostic by code. Codes are stable; messages and explanations may change. */
export const CODES = { ...XML_CODES, ...INTERFACE_CODES, ...TYPE_CODES, ...INPUT_CODES };

/** A stable diagnostic code. */
export type Code = keyof typeof CODES;

/** The severity of a finding: an error, a warning, or a note, which requires no action. */
export type Severity = DiagnosticKind["severity"];
