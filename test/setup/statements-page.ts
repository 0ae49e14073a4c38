import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

/**
 * Tests a page with tables of statements: each row has a source, a statement, implementations and tests, and links to
 * files and tests that exist.
 */
export function testStatements(page: URL, leastRows: number): void {
  /** Cells of all rows, without headings. */
  const rows = readFileSync(page, "utf8")
    .split("\n")
    .filter((line) => line.startsWith("| ") && !/^\| (---|Member|Line) /.test(line))
    .map((line) => line.slice(2, -2).split(" | "));
  const sources = new Map<string, string>();

  /** Returns the source of a linked file; undefined if it does not exist. */
  const sourceOf = (target: string): string | undefined => {
    const file = new URL(target, page);
    if (!existsSync(file)) return undefined;
    const source = sources.get(file.href) ?? readFileSync(file, "utf8");
    sources.set(file.href, source);
    return source;
  };

  test("each statement has a source, a text, an implementation and a test", () => {
    expect(rows.length).toBeGreaterThan(leastRows);
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
}

function linksIn(cell = ""): readonly (readonly [text: string, target: string])[] {
  return [...cell.matchAll(/\[(.+?)\]\(([^)]*)\)/g)].map(([, text = "", target = ""]) => [text, target]);
}
