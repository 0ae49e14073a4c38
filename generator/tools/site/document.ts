import { analyze, assignNames, type Overrides } from "../../compiler/analyze.ts";
import { type Diagnostic, Diagnostics } from "../../compiler/diagnostics/diagnostic.ts";
import type { Source } from "../../compiler/diagnostics/source.ts";
import type { OutputFile } from "../../compiler/print/print.ts";
import { renderSite, type SiteAssets, type SiteOptions } from "./site.ts";

export interface DocumentResult {
  /** The files of the reference; none where a diagnostic is an error. */
  readonly files: readonly OutputFile[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * A reference from introspection XML. As pure as `generate`, and it complains about the same, but for what is said
 * outside of specs.
 */
export function documentSpecs(
  sources: readonly Source[],
  options: SiteOptions & Overrides,
  assets: SiteAssets,
): DocumentResult {
  const diagnostics = new Diagnostics();
  const elsewhere = new Diagnostics();
  const { ir } = analyze(sources, diagnostics, options, elsewhere);
  if (diagnostics.hasErrors) return { files: [], diagnostics: diagnostics.sorted() };
  const files = renderSite(ir, assignNames(ir, diagnostics, options, elsewhere), options, assets);
  return { files, diagnostics: diagnostics.sorted() };
}
