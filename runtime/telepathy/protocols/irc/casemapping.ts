/**
 * Rule by which a server converts nicknames and channel names to lower case: a supported value of CASEMAPPING, or
 * `unicode` for the profile UsernameCaseMapped of RFC 8265 and RFC 7613.
 */
export type Casemapping = "ascii" | "rfc1459" | "strict-rfc1459" | "unicode";

/** The case mapping of servers that do not send CASEMAPPING (RFC 1459, section 2.2). */
export const DEFAULT_CASEMAPPING: Casemapping = "rfc1459";

/**
 * Lower case of special characters, by case mapping: RFC 1459 treats `[]\~` as letters, as in the Scandinavian
 * variant of ASCII.
 */
const SPECIAL_CHARACTERS: Readonly<Record<Exclude<Casemapping, "unicode">, ReadonlyMap<string, string>>> = {
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
 * Parses the value of CASEMAPPING. Unknown values become `ascii`, which folds the fewest characters. So no two
 * names that the server distinguishes become equal.
 */
export function parseCasemapping(value: string): Casemapping {
  if (value === "rfc1459" || value === "strict-rfc1459") return value;
  return value === "rfc7613" || value === "rfc8265" ? "unicode" : "ascii";
}

/** Converts a name to lower case. Two names belong to the same user or channel if and only if the results are equal. */
export function foldCase(mapping: Casemapping, name: string): string {
  if (mapping === "unicode") return foldUnicode(name);
  const specialCharacters = SPECIAL_CHARACTERS[mapping];
  return name.replace(/[A-Z[\]\\~]/g, (character) =>
    character >= "A" && character <= "Z" ? character.toLowerCase() : (specialCharacters.get(character) ?? character),
  );
}

/** Applies the width, case and normalization rules of the profile UsernameCaseMapped (RFC 8265, section 3.3.2). */
function foldUnicode(name: string): string {
  return name
    .replace(/[\uff01-\uffee]/g, narrowed)
    .toLowerCase()
    .normalize("NFC");
}

/**
 * Returns the narrow form of a character, unless it has a meaning in names, lists or masks of IRC. Otherwise the normal
 * form of one valid name could be several names, or not a name.
 */
function narrowed(character: string, offset: number): string {
  const narrow = character.normalize("NFKC");
  const isSyntax = /[\x00-\x40~\x7f]/.test(narrow);
  return isSyntax && (offset === 0 || !/^[-0-9]$/.test(narrow)) ? character : narrow;
}
