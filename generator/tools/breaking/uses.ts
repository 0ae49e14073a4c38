import type { Type } from "../../compiler/resolve/ir.ts";
import { shorten } from "../../compiler/text/shorten.ts";
import type { Places, Target } from "./changes.ts";
import type { Relation } from "./relation.ts";
import type { Versions } from "./version.ts";

/** Who gives the values of a type; the other one takes them. */
export type Givers = readonly Target[];

/** Reports a type that is the same on the wire, and may be another in TypeScript. */
export function compareUse(
  what: string,
  [before, after]: readonly [Type, Type],
  givers: Givers,
  places: Places,
  { changes }: Versions,
  relation: Relation,
): void {
  if (relation.isSame(before, after)) return;
  const message = `${what} is ${called(after)}, was ${called(before)}`;
  const [given, taken] = [relation.fits(before, after), relation.fits(after, before)];
  if (given && taken) {
    changes.report("type-alias", places, message);
    return;
  }
  const broken = (["client", "service"] as const).filter(
    (target) => (!given && givers.includes(target)) || (!taken && takers(givers).includes(target)),
  );
  changes.report("type-meaning", places, message, { targets: broken });
}

function takers(givers: Givers): Givers {
  return givers.length === 2 ? givers : givers[0] === "client" ? ["service"] : ["client"];
}

/** A type as a message calls it: by its name where it has one. */
function called(type: Type): string {
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
