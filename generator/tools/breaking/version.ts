import type { Names } from "../../compiler/names/identifiers.ts";
import type { Ir, NamedType } from "../../compiler/resolve/ir.ts";
import { typesOf, usedTypes } from "../../compiler/resolve/walk.ts";
import type { Changes } from "./changes.ts";
import type { TypePairs } from "./type-pairs.ts";

/** One version of specs: what they say, and what it is called in TypeScript. */
export interface Version {
  readonly ir: Ir;
  readonly names: Names;
  /** Types that reach the wire through a member. */
  readonly used: ReadonlySet<NamedType>;
  /** Types that others are cases of, which therefore take any value. */
  readonly wide: ReadonlySet<NamedType>;
}

/** Two versions that are compared, and what was found. */
export interface Versions {
  readonly before: Version;
  readonly after: Version;
  readonly types: TypePairs;
  readonly changes: Changes;
}

export function versionOf(ir: Ir, names: Names): Version {
  const wide = typesOf(ir).flatMap((type) =>
    type.kind === "simple" && type.type.kind === "named" ? [type.type.type] : [],
  );
  return { ir, names, used: usedTypes(ir), wide: new Set(wide) };
}
