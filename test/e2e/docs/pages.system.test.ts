import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../../generator/support.ts";
import { followPage } from "./page.ts";

const PAGES = join(ROOT, "docs/commands");

/** `npx vitest run test/e2e/docs -u` writes the actual output into the pages. */
test.each(readdirSync(PAGES).filter((name) => name.endsWith(".md")))(
  "%s shows what the commands print",
  async (name) => {
    const path = join(PAGES, name);
    await expect(await followPage(path)).toMatchFileSnapshot(path);
  },
);

test("custom-emitter.md shows an emitter that works", async () => {
  const path = join(ROOT, "docs/custom-emitter.md");
  await expect(await followPage(path, true)).toMatchFileSnapshot(path);
});
