import { compareText } from "../../compiler/diagnostics/diagnostic.ts";
import type { Names } from "../../compiler/names/identifiers.ts";
import type { OutputFile } from "../../compiler/print/print.ts";
import type { Ir } from "../../compiler/resolve/ir.ts";
import { ASSETS, type AssetName, PAGE_SCRIPTS, PAGES_SCRIPT, SCRIPT_MARKER, SEARCH_INDEX } from "./asset-names.ts";
import { contentsScript } from "./contents.ts";
import { type SiteContext, siteContext } from "./context.ts";
import { interfacePage } from "./html/interface.ts";
import { errorsPage, indexPage, sharedPage } from "./html/lists.ts";
import { type Page, renderPage } from "./html/page.ts";
import { sourcePage } from "./html/source.ts";
import { typesPage } from "./html/types.ts";
import { markdownFiles } from "./markdown/pages.ts";
import { pageData } from "./page-data.ts";
import { TYPES_PAGE } from "./runtime-types.ts";
import { searchIndex } from "./search.ts";
import type { ServiceSettings } from "./service-targets.ts";
import { SharedRows } from "./shared-rows.ts";

export interface SiteOptions {
  readonly format: "html" | "markdown";
  /** The title of the reference. */
  readonly title: string;
  /** Services by bus name, for snippets. */
  readonly services?: Readonly<Record<string, ServiceSettings>>;
}

/** Contents of the files of this package that HTML pages load, by name. */
export type SiteAssets = Readonly<Record<AssetName, string>>;

/**
 * Renders a reference of all declarations in specs as files of one folder. The function reads no file, and its result
 * depends only on the arguments.
 */
export function renderSite(ir: Ir, names: Names, options: SiteOptions, assets: SiteAssets): readonly OutputFile[] {
  const { format, title, services = {} } = options;
  const site = siteContext(ir, names, title, services, format === "html" ? ".html" : ".md");
  const files = format === "html" ? htmlFiles(site, assets) : markdownFiles(site);
  return files.toSorted((a, b) => compareText(a.path, b.path));
}

function htmlFiles(site: SiteContext, assets: SiteAssets): readonly OutputFile[] {
  const { ir, siteMap } = site;
  const interfaces = ir.interfaces.map((iface) => [siteMap.page(iface).page, interfacePage(iface, site)] as const);
  const shared = new SharedRows(interfaces.flatMap(([, { snippets }]) => snippets ?? []));
  const file = (path: string, page: Page): OutputFile => ({ path, text: renderPage(path, page, site, shared) });
  const scripts = PAGE_SCRIPTS.map((name) => assets[name]);
  return [
    file(siteMap.index.page, indexPage(site)),
    ...interfaces.map(([path, page]) => file(path, page)),
    ...ir.shared.map((shared) => file(siteMap.page(shared).page, sharedPage(shared, site))),
    ...ir.errorDomains.map((domain) => file(siteMap.page(domain).page, errorsPage(domain, site))),
    ...siteMap.sources.separate.map((source) => file(source.page, sourcePage(source))),
    file(TYPES_PAGE, typesPage(site)),
    ...ASSETS.map((name) => ({ path: name, text: assets[name] })),
    { path: PAGES_SCRIPT, text: [SCRIPT_MARKER, contentsScript(site), pageData(ir, shared), ...scripts].join("\n") },
    { path: SEARCH_INDEX, text: searchIndex(site) },
  ];
}
