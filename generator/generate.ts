import { compare, type Diagnostic, Diagnostics } from "./diagnostics/diagnostic.ts";
import type { Source } from "./diagnostics/source.ts";
import { emit } from "./emit/emit.ts";
import { decideNames } from "./names/names.ts";
import type { OutputFile } from "./print/print.ts";
import { understand } from "./understand.ts";

export interface GenerateOptions {
  /** Ending of imports between generated modules: `.js` (the default), `.ts`, or none. */
  readonly importExtension?: ".js" | ".ts" | "";
}

export interface GenerateResult {
  /** Generated modules by path; none where a diagnostic is an error. */
  readonly files: readonly OutputFile[];
  /** Everything that is wrong with the specs or was renamed, by file and place. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Generates typed clients and services from introspection XML. Pure: it reads and writes no file, and neither the
 * order of the sources nor the machine changes the result. Bad input gives diagnostics; an exception is a bug.
 */
export async function generate(sources: readonly Source[], options: GenerateOptions = {}): Promise<GenerateResult> {
  const diagnostics = new Diagnostics();
  const { ir } = understand(sources, diagnostics);
  if (diagnostics.hasErrors) return { files: [], diagnostics: diagnostics.sorted() };
  const models = emit(ir, decideNames(ir, diagnostics));
  // Loading ts-morph takes longer than all the rest of a small run: only a run that writes code pays for it.
  const { print } = await import("./print/print.ts");
  const files = print(models, options.importExtension ?? ".js").toSorted((a, b) => compare(a.path, b.path));
  return { files, diagnostics: diagnostics.sorted() };
}
