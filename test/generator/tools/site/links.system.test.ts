import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { CORPUS, CORPUS_NOTE, hasCorpus } from "../../support.ts";
import { brokenLinks, idsOf, searchIndexOf, site, sourcesOf } from "./support.ts";

const FORMATS = ["html", "markdown"] as const;

describe("every link leads to an existing position of the site", () => {
  test.each(FORMATS)("specs/ as %s", async (format) => {
    const files = site(await sourcesOf("specs"), format);
    expect(files.length).toBeGreaterThan(12);
    expect(brokenLinks(files)).toEqual([]);
  });

  test.skipIf(!hasCorpus).each(FORMATS)(`Telepathy's specs as %s${CORPUS_NOTE}`, async (format) => {
    const files = site(await sourcesOf(join(CORPUS, "telepathy/all.xml")), format);
    expect(files.length).toBeGreaterThan(80);
    expect(brokenLinks(files)).toEqual([]);
  });

  test("entries of the search index lead to existing positions", async () => {
    const files = site(await sourcesOf("specs"));
    const { pages, entries } = searchIndexOf(files);
    const ids = new Map(files.map(({ path, text }) => [path, new Set(idsOf(text))]));
    expect(entries.length).toBeGreaterThan(200);
    for (const [, name, , , at, id] of entries) {
      const there = ids.get(pages[at]?.[0] ?? "");
      expect(there, name).toBeDefined();
      if (id !== "") expect(there, name).toContain(id);
    }
  });
});

test("the link checker finds broken links", () => {
  const text = '<a href=b.html></a><a href="#x"></a><p id="y"></p><p id="y"></p><a href="javascript:1"></a>';
  expect(brokenLinks([{ path: "a.html", text }])).toEqual([
    "a.html: id y twice",
    "a.html: b.html",
    "a.html: #x",
    "a.html: javascript:1",
  ]);
  expect(brokenLinks([{ path: "a.md", text: "[a](b.md) `[c](a.md#d)`" }])).toEqual(["a.md: b.md"]);
});
