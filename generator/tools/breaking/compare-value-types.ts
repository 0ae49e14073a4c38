import type { Type } from "../../compiler/resolve/ir.ts";
import { shorten } from "../../compiler/text/shorten.ts";
import type { ChangeSpans } from "./change.ts";
import { TARGETS, type Target } from "./change-kind.ts";
import type { Comparison } from "./version.ts";

/** The targets whose code provides a value. The other target receives it; if both provide it, both receive it. */
export type Providers = readonly Target[];

/** Compares the types of a value in TypeScript. On the wire they are the same. */
export function compareValueTypes(
  description: string,
  [before, after]: readonly [Type, Type],
  providers: Providers,
  spans: ChangeSpans,
  { changes, relation }: Comparison,
): void {
  if (relation.isSame(before, after)) return;
  const message = `${description} is ${describeType(after)}, was ${describeType(before)}`;
  const [providersCompile, receiversCompile] = [
    relation.isAssignable(before, after),
    relation.isAssignable(after, before),
  ];
  if (providersCompile && receiversCompile) {
    changes.report("type-alias", spans, message);
    return;
  }
  const targets = TARGETS.filter(
    (target) =>
      (!providersCompile && providers.includes(target)) ||
      (!receiversCompile && receiversOf(providers).includes(target)),
  );
  changes.report("type-meaning", spans, message, { targets });
}

function receiversOf(providers: Providers): readonly Target[] {
  return providers.length === 2 ? providers : TARGETS.filter((target) => !providers.includes(target));
}

/** Returns the name of a type for a message, or its signature if it contains no named type. */
function describeType(type: Type): string {
  const name = nameOf(type);
  return name === undefined ? `plain "${shorten(type.signature)}"` : `"${shorten(name)}"`;
}

function nameOf(type: Type): string | undefined {
  switch (type.kind) {
    case "named":
      return type.type.name;
    case "array": {
      const name = nameOf(type.element);
      return name && `${name}[]`;
    }
    case "dict": {
      const [key, value] = [nameOf(type.key), nameOf(type.value)];
      return key === undefined && value === undefined
        ? undefined
        : `a{${key ?? type.key.signature}, ${value ?? type.value.signature}}`;
    }
    case "struct": {
      const names = type.fields.map(nameOf);
      if (names.every((name) => name === undefined)) return undefined;
      return `(${type.fields.map((field, index) => names[index] ?? field.signature).join(", ")})`;
    }
    case "basic":
    case "variant":
      return undefined;
  }
}
