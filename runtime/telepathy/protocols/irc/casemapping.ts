/** How a server converts nicknames and channel names to lower case: a supported value of CASEMAPPING. */
export type Casemapping = "ascii" | "rfc1459" | "strict-rfc1459";

/** The case mapping of servers that do not send CASEMAPPING (RFC 1459, section 2.2). */
export const DEFAULT_CASEMAPPING: Casemapping = "rfc1459";

/** Lower-case forms of characters that are not letters in ASCII, but are in its Scandinavian variant. */
const SPECIAL_CHARACTERS: Readonly<Record<Casemapping, ReadonlyMap<string, string>>> = {
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
 * Parses the value of CASEMAPPING. Unknown values become `ascii`, which folds the fewest characters, so names that the
 * server distinguishes stay different.
 */
export function parseCasemapping(value: string): Casemapping {
  return value === "rfc1459" || value === "strict-rfc1459" ? value : "ascii";
}

/** Converts a name to lower case. Two names refer to the same entity if and only if the results are equal. */
export function foldCase(mapping: Casemapping, name: string): string {
  const specialCharacters = SPECIAL_CHARACTERS[mapping];
  return name.replace(/[A-Z[\]\\~]/g, (character) =>
    character >= "A" && character <= "Z" ? character.toLowerCase() : (specialCharacters.get(character) ?? character),
  );
}
