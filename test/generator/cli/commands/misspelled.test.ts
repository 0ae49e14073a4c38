import { describe, expect, test } from "vitest";
import { GLOBAL_FLAGS } from "../../../../generator/cli/commands/command.ts";
import { COMMANDS } from "../../../../generator/cli/commands/registry.ts";
import { nearestWord } from "../../../../generator/compiler/text/nearest-word.ts";
import { cli, ROOT } from "../../support.ts";

/** Returns all misspellings of a word: with one letter left out, doubled, swapped with the next one, or replaced. */
function misspelled(word: string): readonly string[] {
  return [...word].flatMap((letter, at) => {
    const [before, after] = [word.slice(0, at), word.slice(at + 1)];
    const next = word.charAt(at + 1);
    const swapped = next === "" ? [] : [`${before}${next}${letter}${word.slice(at + 2)}`];
    return [`${before}${after}`, `${before}${letter}${letter}${after}`, ...swapped, `${before}q${after}`];
  });
}

/** Returns whether two words become equal if at most one letter is left out of each, at the same place. */
function isNear(first: string, second: string): boolean {
  const [short, long] = first.length < second.length ? [first, second] : [second, first];
  return [...long].some((_, at) => {
    const rest = `${long.slice(0, at)}${long.slice(at + 1)}`;
    return rest === short || rest === `${short.slice(0, at)}${short.slice(at + 1)}`;
  });
}

/**
 * Returns the words for which a misspelling does not get the suggestion of the word, with the message. Misspellings
 * that are near to two words are left out.
 */
async function withoutSuggestion(
  words: readonly string[],
  messageOf: (misspelled: string) => Promise<string>,
  dashes: string,
): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const word of words) {
    for (const text of misspelled(word)) {
      const isAmbiguous = words.some((other) => other !== word && isNear(text, other));
      if (words.includes(text) || isAmbiguous || text.startsWith("-")) continue;
      const message = await messageOf(text);
      if (!message.endsWith(`; did you mean ${dashes}${word}?\n`)) wrong.push(`${word}: ${message}`);
    }
  }
  return wrong;
}

describe("one wrong letter gets the right suggestion", () => {
  test.each(COMMANDS.map(({ name, flags }) => ({ name, flags: Object.keys({ ...flags, ...GLOBAL_FLAGS }) })))(
    "in the flags of $name",
    async ({ name, flags }) => {
      const messageOf = async (text: string): Promise<string> => (await cli(ROOT, name, `--${text}`)).err;
      expect(await withoutSuggestion(flags, messageOf, "--")).toEqual([]);
    },
  );

  const commands = [...COMMANDS.map(({ name }) => name), "help"];
  test.each([[[]], [["help"]]])("in commands after %j", async (before) => {
    const messageOf = async (text: string): Promise<string> => (await cli(ROOT, ...before, text)).err;
    expect(
      await withoutSuggestion(
        commands.filter((name) => name !== before[0]),
        messageOf,
        "",
      ),
    ).toEqual([]);
  });
});

describe("nearestWord", () => {
  test.each([
    ["output", ["out", "check"], "out"],
    ["ouput", ["out", "check"], "out"],
    ["output-folder", ["out", "check"], "out"],
    ["conf", ["config", "check"], "config"],
    ["dry", ["dry-run", "check"], "dry-run"],
    ["otu", ["out", "check"], "out"],
    ["CHECK", ["out", "check"], "check"],
    ["argument", ["arg", "method"], "arg"],
    ["x", ["out", "check"], undefined],
    ["quiet", ["out", "check"], undefined],
    ["", ["out", "check"], undefined],
  ])("suggests for %j among %j: %j", (word, candidates, nearest) => {
    expect(nearestWord(word, candidates)).toBe(nearest);
  });
});
