import type { Diagnostics } from "../diagnostics/diagnostic.ts";
import type { Text, TypeDefinition, TypedMember, TypeUse } from "../read/introspection.ts";
import { shorten } from "../text/shorten.ts";
import type { Member, Type } from "./ir.ts";
import { readDoc } from "./markup.ts";

/** A source of the types that declarations use. */
export interface TypeUses {
  /** Returns the type of a declaration, linked to its named type. Returns undefined after an error. */
  use(type: TypeUse, owner: string): Type | undefined;
}

/** Returns a member of a definition with its type. The list is empty after an error. */
export function typedMember(member: TypedMember, of: TypeDefinition, types: TypeUses): readonly Member[] {
  const type = types.use(member.type, `"${shorten(member.name.value)}" of the type ${of.name.value}`);
  return type === undefined ? [] : [{ name: member.name.value, type, doc: readDoc(member.docs), span: member.span }];
}

/** Reports that a definition is not complete. */
export function reportIncomplete(definition: TypeDefinition, message: string, diagnostics: Diagnostics): undefined {
  diagnostics.report("type-definition", definition.name.span, message);
  return undefined;
}

/** Reports a name that is in `seen` already, or else adds it to `seen`. */
export function reportRepeated(
  seen: Map<string, Text>,
  name: Text,
  description: string,
  diagnostics: Diagnostics,
): void {
  const first = seen.get(name.value);
  if (first === undefined) seen.set(name.value, name);
  else
    diagnostics.report("duplicate", name.span, `${description} is defined twice`, {
      related: { message: "first defined here", span: first.span },
    });
}
