import type { Dialect } from "./dialect.ts";
import type { SessionPolicy } from "./policy.ts";
import type { Bearer } from "./service.ts";

/** Stands for every bearer that is not named beside it. */
export const ANY_BEARER = "*";

/**
 * The names of a list of bearers that the dialect takes, each once; undefined where one of them makes the call fail.
 */
export function acceptBearers(dialect: Dialect, names: readonly string[]): readonly string[] | undefined {
  const isKnown = (name: string): boolean => name === ANY_BEARER || dialect.bearers.has(name);
  if (dialect.unknownBearers === "keep") return names;
  if (dialect.unknownBearers === "refuse" && names.some((name) => name !== "" && !isKnown(name))) return undefined;
  return [...new Set(names.filter(isKnown))];
}

/** The bearers a session may use, the one to prefer first. */
export function allowedBearers(
  dialect: Dialect,
  names: readonly string[],
  policy: SessionPolicy | undefined,
): readonly Bearer[] {
  const asked = expand(dialect, names.length === 0 && dialect.emptyBearers === "any" ? [ANY_BEARER] : names);
  const decided = policy?.allowedBearers;
  if (decided === undefined && dialect.bearerOrder === "client") return asked;
  const allowed = new Set(asked);
  return fill(dialect, decided ?? [ANY_BEARER]).filter((bearer) => allowed.has(bearer));
}

/** What a client calls a bearer; empty where the dialect has no name for it. */
export function bearerName(dialect: Dialect, bearer: Bearer): string {
  for (const [name, one] of dialect.bearers) if (one === bearer) return name;
  return "";
}

function expand(dialect: Dialect, names: readonly string[]): readonly Bearer[] {
  return fill(
    dialect,
    names.flatMap((name) => (name === ANY_BEARER ? [ANY_BEARER] : (dialect.bearers.get(name) ?? []))),
  );
}

/** Puts the bearers that are not named in the place of `*`. */
function fill(dialect: Dialect, list: readonly (Bearer | typeof ANY_BEARER)[]): readonly Bearer[] {
  const any = [...dialect.bearers.values()].filter((bearer) => !dialect.bearersBesideAny.has(bearer));
  const others = any.filter((bearer) => !list.includes(bearer));
  return [...new Set(list.flatMap((bearer) => (bearer === ANY_BEARER ? others : [bearer])))];
}
