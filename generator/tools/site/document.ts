import { analyze, assignNames, type Overrides } from "../../compiler/analyze.ts";
import { type Diagnostic, Diagnostics } from "../../compiler/diagnostics/diagnostic.ts";
import type { Source } from "../../compiler/diagnostics/source.ts";
import type { OutputFile } from "../../compiler/print/print.ts";
import { renderSite, type SiteAssets, type SiteOptions } from "./site.ts";

/** The result of `documentSpecs`. */
export interface DocumentResult {
  /** The files of the reference; empty if the specs have errors. */
  readonly files: readonly OutputFile[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Renders a reference of introspection XML. It reads no file and reports the same diagnostics as `generate`, except those
 * about overrides that match nothing.
 */
export function documentSpecs(
  sources: readonly Source[],
  options: SiteOptions & Overrides,
  assets: SiteAssets,
): DocumentResult {
  const diagnostics = new Diagnostics();
  const unreported = new Diagnostics();
  const { ir } = analyze(sources, diagnostics, options, unreported);
  if (diagnostics.hasErrors) return { files: [], diagnostics: diagnostics.sorted() };
  const files = renderSite(ir, assignNames(ir, diagnostics, options, unreported), options, assets);
  return { files, diagnostics: diagnostics.sorted() };
}
