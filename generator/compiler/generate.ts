import { type AnalyzeOptions, analyze, assignNames } from "./analyze.ts";
import { compareText, type Diagnostic, Diagnostics } from "./diagnostics/diagnostic.ts";
import type { Source } from "./diagnostics/source.ts";
import { type EmitTarget, emit } from "./emit/emit.ts";
import type { OutputFile } from "./print/print.ts";

export interface GenerateOptions extends AnalyzeOptions {
  /** What is generated for each interface: a client, a service, or both, which is the default. */
  readonly targets?: readonly EmitTarget[];
  /** Ending of imports between generated modules: `.js` (the default), `.ts`, or none. */
  readonly importExtension?: ".js" | ".ts" | "";
  /** Where generated modules import the runtime from: `@dbus-codegen-ts/runtime` unless given. */
  readonly runtimeModule?: string;
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
  return generateWithProgress(sources, options, () => {});
}

/** Told, again and again, how many modules are printed. */
export type OnPrinted = (printed: number, all: number) => void;

/** As `generate`, for whoever wants to know how far it is. */
export async function generateWithProgress(
  sources: readonly Source[],
  options: GenerateOptions,
  onPrinted: OnPrinted,
): Promise<GenerateResult> {
  const diagnostics = new Diagnostics();
  const { ir } = analyze(sources, diagnostics, options);
  if (diagnostics.hasErrors) return { files: [], diagnostics: diagnostics.sorted() };
  const names = assignNames(ir, diagnostics, options);
  if (diagnostics.hasErrors) return { files: [], diagnostics: diagnostics.sorted() };
  // Loading ts-morph takes longer than all the rest of a small run: only a run that writes code pays for it.
  const { print } = await import("./print/print.ts");
  const { importExtension: extension = ".js", runtimeModule } = options;
  const targets = options.contractsOnly ? [] : options.targets;
  const files: OutputFile[] = [];
  for (const file of print(emit(ir, names, targets), { extension, runtimeModule })) {
    files.push(file);
    onPrinted(files.length, names.moduleCount);
  }
  return { files: files.toSorted((a, b) => compareText(a.path, b.path)), diagnostics: diagnostics.sorted() };
}
