import { type AnalyzeOptions, analyze, assignNames } from "./analyze.ts";
import { compareText, type Diagnostic, Diagnostics } from "./diagnostics/diagnostic.ts";
import type { Source } from "./diagnostics/source.ts";
import { type EmitTarget, emit } from "./emit/emit.ts";
import type { FileModel } from "./emit/file-model.ts";
import type { OutputFile } from "./print/print.ts";

/** Options of `generate`. */
export interface GenerateOptions extends AnalyzeOptions {
  /** Classes to generate for each interface: both by default. */
  readonly targets?: readonly EmitTarget[];
  /** File ending in imports between generated modules: `.js` by default. */
  readonly importExtension?: ".js" | ".ts" | "";
  /** Module that generated modules import the runtime from: `@dbus-codegen-ts/runtime` by default. */
  readonly runtimeModule?: string;
}

/** Result of `generate`. */
export interface GenerateResult {
  /** Generated modules, sorted by path. Empty if a diagnostic is an error. */
  readonly files: readonly OutputFile[];
  /** Problems of the specs and renamed identifiers, sorted by file and position. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Generates typed clients and services from introspection XML. It is a pure function: it accesses no files, and the
 * result does not depend on the order of the sources. Invalid input results in diagnostics; an exception is a bug.
 */
export async function generate(sources: readonly Source[], options: GenerateOptions = {}): Promise<GenerateResult> {
  return generateWithProgress(sources, options, () => {});
}

/** Called after each printed module with the number of printed modules and of all modules. */
export type OnPrinted = (printed: number, all: number) => void;

/** Generates like `generate`, and reports its progress. */
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
  const targets = options.contractsOnly ? [] : options.targets;
  const onFile = (printed: number): void => onPrinted(printed, names.moduleCount);
  const files = await printModules(emit(ir, names, targets), options, onFile);
  return { files, diagnostics: diagnostics.sorted() };
}

/** Returns the texts of modules, sorted by path. */
export async function printModules(
  models: Iterable<FileModel>,
  {
    importExtension: extension = ".js",
    runtimeModule,
  }: Pick<GenerateOptions, "importExtension" | "runtimeModule"> = {},
  onPrinted: (printed: number) => void = () => {},
): Promise<readonly OutputFile[]> {
  // Loading ts-morph takes longer than the rest of a small run, so it is loaded only if there is code to print.
  const { print } = await import("./print/print.ts");
  const files: OutputFile[] = [];
  for (const file of print(models, { extension, runtimeModule })) {
    files.push(file);
    onPrinted(files.length);
  }
  return files.toSorted((a, b) => compareText(a.path, b.path));
}
