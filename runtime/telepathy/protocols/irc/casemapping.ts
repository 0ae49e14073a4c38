/** How a server folds the case of nicknames and channel names: the value of CASEMAPPING, as far as it is known. */
export type Casemapping = "ascii" | "rfc1459" | "strict-rfc1459";

/** What a server folds by that does not say: RFC 1459 was first. */
export const DEFAULT_CASEMAPPING: Casemapping = "rfc1459";

/** Characters beside the letters that have a lower case, because in Scandinavian ASCII they were letters. */
const ALSO: Readonly<Record<Casemapping, ReadonlyMap<string, string>>> = {
  ascii: new Map(),
  rfc1459: new Map([
    ["[", "{"],
    ["]", "}"],
    ["\\", "|"],
    ["~", "^"],
  ]),
  "strict-rfc1459": new Map([
    ["[", "{"],
    ["]", "}"],
    ["\\", "|"],
  ]),
};

/**
 * The mapping that a server names. One that is not known is taken for `ascii`: that folds least, so that two names never
 * become one which the server tells apart.
 */
export function casemappingOf(value: string): Casemapping {
  return value === "rfc1459" || value === "strict-rfc1459" ? value : "ascii";
}

/** A name in lower case, as the server sees it: two names mean the same exactly if this makes them equal. */
export function fold(mapping: Casemapping, name: string): string {
  const also = ALSO[mapping];
  return name.replace(/[A-Z[\]\\~]/g, (character) => {
    return character >= "A" && character <= "Z" ? character.toLowerCase() : (also.get(character) ?? character);
  });
}
