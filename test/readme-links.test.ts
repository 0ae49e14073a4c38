import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const REPOSITORY = "https://github.com/dbus-codegen-ts/dbus-codegen-ts/blob/main/";
const PACKAGES = ["generator", "generated", "runtime/core", "runtime/connman", "runtime/telepathy"];

/** Returns the links of a Markdown file without their anchors, except those to other sites. */
function linksOf(file: string): readonly string[] {
  const text = readFileSync(join(ROOT, file), "utf8").replace(/^```[\s\S]*?^```$/gm, "");
  const links = [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, link = ""]) => link);
  return links.filter((link) => link.startsWith(REPOSITORY) || !/^\w+:/.test(link));
}

test.each(PACKAGES)(
  "links of the README of %s lead to files that the package contains, or to the repository",
  (folder) => {
    const { files }: { files: readonly string[] } = JSON.parse(
      readFileSync(join(ROOT, folder, "package.json"), "utf8"),
    );
    const isPacked = (path: string): boolean =>
      ["README.md", "LICENSE"].includes(path) || files.some((entry) => path === entry || path.startsWith(`${entry}/`));
    const broken = linksOf(`${folder}/README.md`).filter((link) => {
      if (link.startsWith(REPOSITORY)) return !existsSync(join(ROOT, link.slice(REPOSITORY.length)));
      // Registries resolve links to other folders in the repository.
      return !existsSync(join(ROOT, folder, link)) || !(link.startsWith("../") || isPacked(link));
    });
    expect(broken).toEqual([]);
  },
);

test.each(["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"])("links of %s lead to files", (file) => {
  expect(linksOf(file).filter((link) => !existsSync(join(ROOT, dirname(file), link)))).toEqual([]);
});
