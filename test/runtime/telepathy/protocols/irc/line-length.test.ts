import fc from "fast-check";
import { expect, test } from "vitest";
import { takeNames, toLineText } from "../../../../../runtime/telepathy/protocols/irc/line-length.ts";
import { runs } from "../../../../setup/runs.ts";

test("as many names are taken as fit into the reply of the server, and at least one", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ minLength: 1, maxLength: 200 })),
      fc.integer({ min: 1, max: 9 }),
      (names, maxCount) => {
        const taken = takeNames(names, maxCount);
        expect(taken).toEqual(names.slice(0, taken.length));
        const bytes = (count: number): number => Buffer.byteLength(names.slice(0, count).join(" "));
        expect(taken.length <= Math.min(1, names.length) || bytes(taken.length) < 390).toBe(true);
        expect(taken.length === Math.min(maxCount, names.length) || bytes(taken.length + 1) >= 390).toBe(true);
        expect(taken.length > 0 || names.length === 0).toBe(true);
      },
    ),
    { numRuns: runs(200) },
  );
});

test("the result fits into a line, is the longest such prefix of the text, and has no line ends", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 80 }), fc.integer({ min: 0, max: 40 }), (text, maxBytes) => {
      const line = toLineText(text, maxBytes);
      const whole = text.replace(/[\0\r\n]+/g, " ");
      expect(line).not.toMatch(/[\0\r\n]/);
      expect(whole.startsWith(line)).toBe(true);
      expect(Buffer.byteLength(line)).toBeLessThanOrEqual(maxBytes);
      const [next = ""] = whole.slice(line.length);
      expect(next === "" || Buffer.byteLength(line + next) > maxBytes).toBe(true);
    }),
    { numRuns: runs(200) },
  );
});
