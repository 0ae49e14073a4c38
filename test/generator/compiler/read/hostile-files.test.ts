import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { DATA, run } from "../../support.ts";
import { errorsOf, expectSound, type Result } from "../sound.ts";

describe("hostile and unusual files", () => {
  interface Entry {
    readonly file: string;
    readonly expected: string;
  }
  const entries: readonly Entry[] = JSON.parse(readFileSync(join(DATA, "hostile-xml/MANIFEST.json"), "utf8"));

  const VERDICTS: Readonly<Record<string, (result: Result, given: string) => void>> = {
    reject: (result) => {
      expect(errorsOf(result)).not.toEqual([]);
      expect(result.files).toEqual([]);
    },
    accept: expectSound,
    "accept-escaped": expectSound,
    "accept-mangled": (result, given) => {
      expectSound(result);
      const members = [...given.matchAll(/<(?:method|signal|property) name="([^"]+)"/g)].map(([, name = ""]) => name);
      expect(members).not.toEqual([]);
      const text = result.files.map((file) => file.text).join("\n");
      for (const name of members) expect(text).toContain(`{ name: "${name}"`);
    },
    warn: (result) => {
      expectSound(result);
      expect(result.diagnostics).not.toEqual([]);
    },
    "warn-or-reject": (result) => expect(result.diagnostics).not.toEqual([]),
    "ignore-text": (result) => {
      expectSound(result);
      expect(result.files).toEqual([]);
    },
    "accept-or-clear-reject": (result) => {
      if (result.files.length > 0) expectSound(result);
      else expect(errorsOf(result)).toHaveLength(1);
    },
  };

  test("each of the 43 files has a known verdict", () => {
    expect(entries).toHaveLength(43);
    expect(entries.filter(({ expected }) => VERDICTS[expected] === undefined)).toEqual([]);
  });

  test.each(entries)("$file: $expected", async ({ file, expected }) => {
    const content = readFileSync(join(DATA, "hostile-xml", file));
    VERDICTS[expected]?.(await run({ [file]: content }), content.toString());
  });
});
