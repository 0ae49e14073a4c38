import type { Dialect } from "./dialect.ts";
import type { SessionPolicy } from "./policy.ts";
import type { Bearer } from "./service.ts";

/** Wildcard in lists of bearers: every bearer that the list does not name. */
export const ANY_BEARER = "*";

/**
 * Returns the names of an AllowedBearers list that the dialect accepts.
 *
 * @returns undefined if the list has an unknown name and the dialect refuses such lists.
 */
export function acceptedBearerNames(dialect: Dialect, names: readonly string[]): readonly string[] | undefined {
  const isKnown = (name: string): boolean => name === ANY_BEARER || dialect.bearers.has(name);
  if (dialect.unknownBearers === "keep") return names;
  if (dialect.unknownBearers === "refuse" && names.some((name) => name !== "" && !isKnown(name))) return undefined;
  return [...new Set(names.filter(isKnown))];
}

/** Returns the bearers that a session may use, in order of preference. */
export function allowedBearers(
  dialect: Dialect,
  names: readonly string[],
  policy: SessionPolicy | undefined,
): readonly Bearer[] {
  const requested = bearersOfNames(
    dialect,
    names.length === 0 && dialect.emptyBearers === "any" ? [ANY_BEARER] : names,
  );
  const policyBearers = policy?.allowedBearers;
  if (policyBearers === undefined && dialect.bearerOrder === "client") return requested;
  const allowed = new Set(requested);
  return expandAny(dialect, policyBearers ?? [ANY_BEARER]).filter((bearer) => allowed.has(bearer));
}

/** Returns the name of a bearer in a dialect; an empty string if the dialect has no name for it. */
export function bearerName(dialect: Dialect, bearer: Bearer): string {
  for (const [name, namedBearer] of dialect.bearers) if (namedBearer === bearer) return name;
  return "";
}

function bearersOfNames(dialect: Dialect, names: readonly string[]): readonly Bearer[] {
  return expandAny(
    dialect,
    names.flatMap((name) => (name === ANY_BEARER ? [ANY_BEARER] : (dialect.bearers.get(name) ?? []))),
  );
}

/** Replaces `*` by the bearers that the list does not name. Removes duplicates. */
function expandAny(dialect: Dialect, list: readonly (Bearer | typeof ANY_BEARER)[]): readonly Bearer[] {
  const any = [...dialect.bearers.values()].filter((bearer) => !dialect.bearersOutsideAny.has(bearer));
  const unnamed = any.filter((bearer) => !list.includes(bearer));
  return [...new Set(list.flatMap((bearer) => (bearer === ANY_BEARER ? unnamed : [bearer])))];
}
