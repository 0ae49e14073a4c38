import { compareText } from "../../compiler/diagnostics/diagnostic.ts";
import type { Names } from "../../compiler/names/identifiers.ts";
import type { OutputFile } from "../../compiler/print/print.ts";
import type { Ir } from "../../compiler/resolve/ir.ts";
import { type SiteContext, siteContext } from "./context.ts";
import { interfacePage } from "./html/interface.ts";
import { errorsPage, indexPage, sharedPage } from "./html/lists.ts";
import { ASSETS, type Page, renderPage } from "./html/page.ts";
import { markdownFiles } from "./markdown/pages.ts";
import { searchIndex } from "./search.ts";

export interface SiteOptions {
  readonly format: "html" | "markdown";
  /** The title of the reference. */
  readonly title: string;
}

/** Contents of the files of this package that HTML pages load. */
export interface SiteAssets {
  readonly style: string;
  readonly script: string;
  readonly icon: string;
}

/**
 * Renders a reference of all declarations in specs as files of one folder. The function reads no file, and its result
 * depends only on the arguments.
 */
export function renderSite(ir: Ir, names: Names, options: SiteOptions, assets: SiteAssets): readonly OutputFile[] {
  const { format, title } = options;
  const site = siteContext(ir, names, title, format === "html" ? ".html" : ".md");
  const files = format === "html" ? htmlFiles(site, assets) : markdownFiles(site);
  return files.toSorted((a, b) => compareText(a.path, b.path));
}

function htmlFiles(site: SiteContext, assets: SiteAssets): readonly OutputFile[] {
  const { ir, siteMap } = site;
  const file = (path: string, page: Page): OutputFile => ({ path, text: renderPage(page, site) });
  return [
    file(siteMap.index.page, indexPage(site)),
    ...ir.interfaces.map((iface) => file(siteMap.page(iface).page, interfacePage(iface, site))),
    ...ir.shared.map((shared) => file(siteMap.page(shared).page, sharedPage(shared, site))),
    ...ir.errorDomains.map((domain) => file(siteMap.page(domain).page, errorsPage(domain, site))),
    { path: ASSETS.style, text: assets.style },
    { path: ASSETS.script, text: assets.script },
    { path: ASSETS.icon, text: assets.icon },
    { path: ASSETS.index, text: searchIndex(site) },
  ];
}
