import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/**
 * Folders whose Markdown files are checked, without their subfolders. The subfolders of the folders in `PARENTS` are
 * checked, too.
 */
const FOLDERS = [".", "docs", "docs/commands", "specs", "generated", "generator", "runtime/core"];
const PARENTS = ["runtime", "generator/catalogue", "runtime/telepathy", "runtime/connman"];

const PAGES = [...FOLDERS, ...PARENTS, ...PARENTS.flatMap(subfolders)].flatMap((folder) =>
  readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => normalize(join(folder, name))),
);

function subfolders(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== "node_modules" && entry.name !== "dist")
    .map((entry) => join(folder, entry.name));
}

interface Markdown {
  /** Text without code blocks and code spans. */
  readonly prose: string;
  readonly problems: readonly string[];
}

/** Reads Markdown: a code block ends with the fence with which it begins. */
function readMarkdown(text: string): Markdown {
  const prose: string[] = [];
  const problems: string[] = [];
  let fence: { readonly marks: string; readonly line: number } | undefined;
  let columns = 0;
  for (const [index, line] of text.split("\n").entries()) {
    const [, marks = "", info = ""] = /^ *(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
    if (fence !== undefined) {
      if (marks.startsWith(fence.marks) && info.trim() === "") fence = undefined;
      prose.push("");
      continue;
    }
    if (marks !== "") {
      fence = { marks, line: index + 1 };
      prose.push("");
      continue;
    }
    const plain = line.replace(/(?<!`)`[^`]+`(?!`)/g, "`");
    if (plain.includes("```")) problems.push(`line ${index + 1}: a fence within a line`);
    const cells = line.startsWith("|")
      ? line
          .replaceAll("\\|", "")
          .replace(/`[^`]*`/g, "")
          .split("|").length
      : 0;
    if (columns > 0 && cells > 0 && cells !== columns)
      problems.push(`line ${index + 1}: ${cells} cells, not ${columns}`);
    columns = cells;
    prose.push(plain);
  }
  if (fence !== undefined) problems.push(`line ${fence.line}: the code block has no end`);
  return { prose: prose.join("\n"), problems };
}

/** Returns the anchors of headings, as code hosts derive them. */
function anchorsOf(text: string): ReadonlySet<string> {
  const withoutCode = text.replace(/^ *```[\s\S]*?^ *```$/gm, "");
  const headings = [...withoutCode.matchAll(/^#+ +(.*)$/gm)].map(([, title = ""]) =>
    title
      .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replace(/\s/g, "-"),
  );
  return new Set([...headings, ...[...text.matchAll(/<a id="([^"]+)"/g)].map(([, id = ""]) => id)]);
}

const textOf = (page: string): string => readFileSync(join(ROOT, page), "utf8");

function brokenLinks(page: string): readonly string[] {
  const { prose } = readMarkdown(textOf(page));
  const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => decodeURI(link));
  return links
    .filter((link) => !/^\w+:/.test(link))
    .filter((link) => {
      const [path = "", id] = link.split("#");
      const target = path === "" ? page : normalize(join(dirname(page), path));
      if (!existsSync(join(ROOT, target))) return true;
      return id !== undefined && target.endsWith(".md") && !anchorsOf(textOf(target)).has(id);
    });
}

test("the pages are found", () => {
  expect(PAGES).toEqual(expect.arrayContaining(["README.md", "docs/types.md", "generator/catalogue/bluez/README.md"]));
});

describe.each(PAGES)("%s", (page) => {
  test("has closed code blocks and complete tables", () => {
    expect(readMarkdown(textOf(page)).problems).toEqual([]);
  });

  test("links to existing files and headings", () => {
    expect(brokenLinks(page)).toEqual([]);
  });
});

test.each([
  ["```ts\nlet a;\n", ["line 1: the code block has no end"]],
  ["```ts\n```js\n```", []],
  ["````md\n```\n````", []],
  ["| a | b |\n| --- | --- |\n| c |", ["line 3: 3 cells, not 4"]],
  ["| `a | b` | \\| |\n| --- | --- |", []],
  ["text ```ts\n", ["line 1: a fence within a line"]],
])("of %j, it reports %j", (text, problems) => {
  expect(readMarkdown(text).problems).toEqual(problems);
});
