import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../../generator/support.ts";
import { followPage, strayLines } from "./page.ts";

const PAGES = join(ROOT, "docs/commands");

/** `npx vitest run test/e2e/docs -u` writes the actual output into the pages. */
test.each(readdirSync(PAGES).filter((name) => name.endsWith(".md")))(
  "%s shows what the commands print",
  async (name) => {
    const path = join(PAGES, name);
    await expect(await followPage(path)).toMatchFileSnapshot(path);
  },
);

test.each(["custom-emitter.md", "javascript.md"])("%s shows programs that work", async (name) => {
  const path = join(ROOT, "docs", name);
  await expect(await followPage(path, true)).toMatchFileSnapshot(path);
});

test("no code block of a page ends too early", () => {
  const pages = execFileSync("git", ["ls-files", "*.md", ":!test/data"], { cwd: ROOT, encoding: "utf8" })
    .trim()
    .split("\n");
  const stray = pages.flatMap((page) =>
    strayLines(readFileSync(join(ROOT, page), "utf8")).map((line) => `${page}: ${line}`),
  );
  expect(stray).toEqual([]);
  const broken = "```console\n$ cat a.md\n```ts\nlet a;\n```\n\n```\n";
  expect(strayLines(broken)).toEqual(["```"]);
});
