import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const PAGE = new URL("../../../../runtime/connman/docs/statements.md", import.meta.url);

/** Cells of all rows, without headings. */
const rows = readFileSync(PAGE, "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| ") && !/^\| (---|Member|Line) /.test(line))
  .map((line) => line.slice(2, -2).split(" | "));

const linksIn = (cell = ""): readonly (readonly [text: string, target: string])[] =>
  [...cell.matchAll(/\[(.+?)\]\(([^)]*)\)/g)].map(([, text = "", target = ""]) => [text, target]);

const sources = new Map<string, string>();

/** Returns the source of a linked file; undefined if it does not exist. */
function sourceOf(target: string): string | undefined {
  const file = new URL(target, PAGE);
  if (!existsSync(file)) return undefined;
  const source = sources.get(file.href) ?? readFileSync(file, "utf8");
  sources.set(file.href, source);
  return source;
}

test("each statement has a source, a text, an implementation and a test", () => {
  expect(rows.length).toBeGreaterThan(120);
  const incomplete = rows.filter(
    ([where, statement, code, tests, ...rest]) =>
      !where || !statement || linksIn(code).length === 0 || linksIn(tests).length === 0 || rest.length > 0,
  );
  expect(incomplete).toEqual([]);
});

test("each implementation exists", () => {
  const missing = rows.flatMap(([, , code]) => linksIn(code)).filter(([, target]) => sourceOf(target) === undefined);
  expect(missing).toEqual([]);
});

test("each test exists in its file", () => {
  const missing = rows
    .flatMap(([, , , tests]) => linksIn(tests))
    .filter(([title, target]) => !sourceOf(target)?.includes(`"${title}`));
  expect(missing).toEqual([]);
});
