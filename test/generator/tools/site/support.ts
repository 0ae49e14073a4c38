import { runInNewContext } from "node:vm";
import type { OutputFile } from "dbus-codegen-ts";
import { readSpecs } from "../../../../generator/cli/config/specs.ts";
import { Diagnostics } from "../../../../generator/compiler/diagnostics/diagnostic.ts";
import type { Source } from "../../../../generator/compiler/diagnostics/source.ts";
import { decideNames } from "../../../../generator/compiler/names/decide-names.ts";
import type { Names } from "../../../../generator/compiler/names/identifiers.ts";
import { read } from "../../../../generator/compiler/read/read.ts";
import type { Ir } from "../../../../generator/compiler/resolve/ir.ts";
import { resolve } from "../../../../generator/compiler/resolve/resolve.ts";
import { readAssets } from "../../../../generator/tools/site/assets.ts";
import { documentSpecs } from "../../../../generator/tools/site/document.ts";
import type { SiteAssets, SiteOptions } from "../../../../generator/tools/site/site.ts";
import { ROOT } from "../../support.ts";

/** Contents of the files of the package that pages load. */
export const ASSETS: SiteAssets = await readAssets();

/** Returns the specs of files and folders. */
export function sourcesOf(...names: readonly string[]): Promise<readonly Source[]> {
  return readSpecs({ specs: names }, { cwd: ROOT, stdin: async function* () {} });
}

/** Renders the reference of specs, which are given as text or as sources. */
export function site(
  specs: string | readonly Source[],
  format: "html" | "markdown" = "html",
  services: SiteOptions["services"] = {},
): readonly OutputFile[] {
  const sources = typeof specs === "string" ? [{ path: "a.xml", content: specs }] : specs;
  const { files, diagnostics } = documentSpecs(sources, { format, title: "Test", services }, ASSETS);
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join("\n"));
  return files;
}

/** Returns the text of one file. */
export function page(files: readonly OutputFile[], path: string): string {
  const found = files.find((file) => file.path === path);
  if (found === undefined) throw new Error(`no ${path} among ${files.map((file) => file.path)}`);
  return found.text;
}

/** Returns the IR and the names of specs. */
export function resolved(sources: readonly Source[]): { readonly ir: Ir; readonly names: Names } {
  const diagnostics = new Diagnostics();
  const ir = resolve(read(sources, diagnostics), diagnostics);
  return { ir, names: decideNames(ir, diagnostics) };
}

// Tags contain no `>` except at their end, and text contains no `<`.
const HTML_LINK = /<[a-z][^>]*? (?:href|src)=("[^"]*"|[^\s>]*)/g;
const HTML_ID = /<[a-z][^>]*? id=("[^"]*"|[^\s>]*)/g;

/** Returns broken links, links to other sites, and duplicate ids of a page, as `file: link`. */
export function brokenLinks(files: readonly OutputFile[]): readonly string[] {
  const ids = new Map(files.map(({ path, text }) => [path, idsOf(text)]));
  const twice = [...ids].flatMap(([path, all]) =>
    all.filter((id, at) => all.indexOf(id) !== at).map((id) => `${path}: id ${id} twice`),
  );
  const broken = files.flatMap(({ path, text }) =>
    linksOf(path, text).flatMap((link) => {
      const [page = "", id] = link.split("#");
      const there = ids.get(page === "" ? path : page);
      return there !== undefined && (id === undefined || there.includes(id)) ? [] : [`${path}: ${link}`];
    }),
  );
  return [...twice, ...broken];
}

/** Returns the ids on a page. */
export function idsOf(text: string): readonly string[] {
  return [...text.matchAll(HTML_ID)].map(([, id = ""]) => attributeText(id));
}

/** Returns the value of an attribute, without the quotes that it may have. */
function attributeText(attribute: string): string {
  return asShown(attribute.replace(/^"(.*)"$/, "$1"));
}

/** Returns the search index as the script of the pages reads it. */
export function searchIndexOf(files: readonly OutputFile[]): SearchIndex {
  const program = `${page(files, "search-index.js")}\n${ASSETS["find.js"]}\ndbusDocsFind.expand(dbusDocsIndex)`;
  return runInNewContext(program);
}

interface SearchIndex {
  readonly pages: readonly (readonly [file: string, name: string])[];
  readonly entries: readonly (readonly [string, string, string, string, number, string, string, string])[];
}

function linksOf(path: string, text: string): readonly string[] {
  if (path.endsWith(".md")) return [...withoutCode(text).matchAll(/\]\(([^)]*)\)/g)].map(([, link = ""]) => link);
  return path.endsWith(".html") ? [...text.matchAll(HTML_LINK)].map(([, link = ""]) => attributeText(link)) : [];
}

/** Removes code and escaped brackets from Markdown: they can look like links. */
function withoutCode(text: string): string {
  return text
    .replace(/^(`{3,})[\s\S]*?^\1$/gm, "")
    .replace(/(?<!`)(`+)(?!`)[^\n]*?[^`\n]\1(?!`)/g, "`")
    .replace(/\\[[\]()]/g, "");
}

/** Returns the text of a page as a browser displays it. */
export function asShown(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");
}
