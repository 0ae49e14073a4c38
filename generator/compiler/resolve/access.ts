import type { Diagnostics } from "../diagnostics/diagnostic.ts";
import type { Text } from "../read/introspection.ts";
import { shorten } from "../text/shorten.ts";
import type { Access } from "./ir.ts";

/** Returns the access of a dictionary key. Reports a text that is not an access. */
export function readAccess(access: Text, diagnostics: Diagnostics): Access | undefined {
  if (isAccess(access.value)) return access.value;
  diagnostics.report("access", access.span, `access "${shorten(access.value)}" is not read, write or readwrite`);
  return undefined;
}

export function isAccess(text: string): text is Access {
  return text === "read" || text === "write" || text === "readwrite";
}
