import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { cli, spec, temporaryFolder } from "../../support.ts";
import { page, site } from "./support.ts";

const SITE = [
  "a.b.C.html",
  "icon.svg",
  "index.html",
  "pages.js",
  "search-index.js",
  "site.css",
  "site.js",
  "types.html",
];

let folder = "";
beforeEach(async () => {
  folder = await temporaryFolder();
  await mkdir(join(folder, "specs"));
  await writeFile(join(folder, "specs/a.xml"), spec(`<method name="M"/>`));
});

const written = async (): Promise<readonly string[]> => (await readdir(join(folder, "out"))).toSorted();
const docs = async (...argv: readonly string[]) => {
  const { code, out, err } = await cli(folder, "docs", ...argv);
  return { code, out, err: err.replace(/in \d+ ms/, "in … ms") };
};

describe("docs", () => {
  test("writes a site, and nothing when it is run a second time", async () => {
    expect(await docs("specs", "-o", "out")).toEqual({ code: 0, out: "", err: "8 written, 0 unchanged in … ms\n" });
    expect(await written()).toEqual(SITE);
    expect((await docs("specs", "-o", "out")).err).toBe("0 written, 8 unchanged in … ms\n");
  });

  test("--check prints a diff if the reference is outdated, and writes nothing", async () => {
    await docs("specs", "-o", "out", "--format", "markdown");
    const check = ["specs", "-o", "out", "--format", "markdown", "--check"];
    expect(await docs(...check)).toEqual({ code: 0, out: "", err: "2 files up to date\n" });
    await writeFile(join(folder, "specs/a.xml"), spec(`<method name="M"/><method name="N"/>`));
    const { code, out, err } = await docs(...check);
    expect([code, err]).toEqual([1, "1 file of out would change; run dbus-codegen docs\n"]);
    expect(out).toMatch(/^--- out\/a\.b\.C\.md\n\+\+\+ out\/a\.b\.C\.md\n@@ /);
    expect((await docs(...check)).code).toBe(1);
  });

  test("--title sets the title", async () => {
    await docs("specs", "-o", "out", "--title", "A & <B>");
    expect(await readFile(join(folder, "out/a.b.C.html"), "utf8")).toContain(
      "<title>a.b.C · A &amp; &lt;B&gt;</title>",
    );
  });

  test("replaces its HTML files with Markdown, and keeps other files", async () => {
    await docs("specs", "-o", "out");
    await writeFile(join(folder, "out/notes.txt"), "mine");
    await writeFile(join(folder, "out/mine.html"), "<p>mine</p>");
    expect((await docs("specs", "-o", "out", "--format", "markdown")).err).toBe(
      "2 written, 0 unchanged, 8 deleted in … ms\n",
    );
    expect(await written()).toEqual(["README.md", "a.b.C.md", "mine.html", "notes.txt"]);
  });

  test("deletes the page of a removed interface", async () => {
    await docs("specs", "-o", "out");
    await writeFile(join(folder, "specs/a.xml"), spec(`<method name="M"/>`, "a.b.D"));
    expect((await docs("specs", "-o", "out")).code).toBe(0);
    expect(await written()).toEqual(SITE.map((name) => name.replace("a.b.C", "a.b.D")));
  });

  test("does not overwrite files that it did not write, or symbolic links", async () => {
    await mkdir(join(folder, "out"));
    await writeFile(join(folder, "out/index.html"), "<p>mine</p>");
    await symlink(join(folder, "specs/a.xml"), join(folder, "out/site.css"));
    const { code, err } = await docs("specs", "-o", "out");
    expect([code, err]).toEqual([
      2,
      "dbus-codegen: will not write out/index.html: it exists and was not generated\nwill not write out/site.css: it is a link or not a regular file\n",
    ]);
    expect(await written()).toEqual(["index.html", "site.css"]);
  });

  test("writes nothing if specs have errors", async () => {
    await writeFile(join(folder, "specs/b.xml"), spec(`<method name="1"/>`, "a.b.D"));
    const { code, err } = await docs("specs", "-o", "out");
    expect(code).toBe(1);
    expect(err).toMatch(/^specs\/b\.xml:1:\d+ error name: /);
    expect(err).toMatch(/1 error, nothing written\n$/);
    await expect(written()).rejects.toThrow("ENOENT");
  });

  test.each([
    [["-o", "out"], "name the specs"],
    [["specs"], "name the output folder"],
    [["specs", "-o", "out", "--format", "pdf"], '--format is one of html, markdown, not "pdf"'],
    [["nowhere", "-o", "out"], 'there is no file or folder "nowhere"'],
  ])("rejects the arguments %j", async (argv, message) => {
    const { code, err } = await docs(...argv);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });
});

test("members of an interface with more than 1,000 members have no snippets", async () => {
  const methods = (count: number): string =>
    Array.from({ length: count }, (_, index) => `<method name="M${index}"/>`).join("");
  const snippetsOf = (count: number): number =>
    page(site(spec(methods(count)), "markdown"), "a.b.C.md").split("<summary>Snippets</summary>").length - 1;
  // The interface itself has snippets, too.
  expect(snippetsOf(1000)).toBe(1001);
  expect(snippetsOf(1001)).toBe(1);
});
