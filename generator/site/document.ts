import { compare, type Diagnostic, Diagnostics } from "../diagnostics/diagnostic.ts";
import type { Source } from "../diagnostics/source.ts";
import { decideNames } from "../names/names.ts";
import type { OutputFile } from "../print/print.ts";
import { read } from "../read/read.ts";
import { resolve } from "../resolve/resolve.ts";
import { renderSite, type SiteAssets, type SiteOptions } from "./site.ts";

export interface DocumentResult {
  /** The files of the reference; none where a diagnostic is an error. */
  readonly files: readonly OutputFile[];
  readonly diagnostics: readonly Diagnostic[];
}

/** A reference from introspection XML. As pure as `generate`, and it complains about the same. */
export function documentSpecs(sources: readonly Source[], options: SiteOptions, assets: SiteAssets): DocumentResult {
  const diagnostics = new Diagnostics();
  const specs = read(
    sources.toSorted((a, b) => compare(a.path, b.path)),
    diagnostics,
  );
  const ir = resolve(specs, diagnostics);
  if (diagnostics.hasErrors) return { files: [], diagnostics: diagnostics.sorted() };
  const files = renderSite(ir, decideNames(ir, diagnostics), options, assets);
  return { files, diagnostics: diagnostics.sorted() };
}
