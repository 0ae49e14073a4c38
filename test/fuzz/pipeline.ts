import { compareSpecs, generate, type OutputFile, type Source } from "dbus-codegen-ts";
import type { CompilerHost, CompilerOptions, Statement } from "typescript";
import { Diagnostics } from "../../generator/compiler/diagnostics/diagnostic.ts";
import { emit } from "../../generator/compiler/emit/emit.ts";
import { decideNames } from "../../generator/compiler/names/decide-names.ts";
import { layoutFile } from "../../generator/compiler/print/module-layout.ts";
import { read } from "../../generator/compiler/read/read.ts";
import { resolve } from "../../generator/compiler/resolve/resolve.ts";
import { ts } from "../generator/typescript.ts";
import { mutant } from "./mutate.ts";

/** The results of a run of mutated specs. */
export interface Tally {
  accepted: number;
  rejected: number;
  /** Number of specs with a diagnostic, by code. */
  readonly codes: Map<string, number>;
  readonly failures: { readonly seed: number; readonly error: unknown }[];
}

/** Number of modules that one program checks. A program for each module would take ten times as long. */
const BATCH = 200;

/** Generates from the mutants of a range of seeds, and checks that the result is diagnostics or modules of declarations. */
export function fuzz(from: number, to: number): Tally {
  const tally: Tally = { accepted: 0, rejected: 0, codes: new Map(), failures: [] };
  let batch = new Map<string, { readonly seed: number; readonly text: string }>();
  for (let seed = from; seed < to; seed++) {
    try {
      const diagnostics = new Diagnostics();
      const modules = layoutModules(sourcesOf(seed), diagnostics);
      for (const code of new Set(diagnostics.sorted().map(({ code }) => code)))
        tally.codes.set(code, (tally.codes.get(code) ?? 0) + 1);
      if (modules === undefined) tally.rejected++;
      else tally.accepted++;
      for (const [index, { text }] of (modules ?? []).entries()) batch.set(`/${seed}-${index}.ts`, { seed, text });
    } catch (error) {
      tally.failures.push({ seed, error });
    }
    if (batch.size >= BATCH || seed === to - 1) {
      tally.failures.push(...check(batch));
      batch = new Map();
    }
  }
  return tally;
}

function sourcesOf(seed: number): readonly Source[] {
  return Object.entries(mutant(seed)).map(([path, content]) => ({ path, content }));
}

/** Generates from the mutants of a range of seeds. Returns the modules, in a folder for each seed. */
export async function modulesOfMutants(from: number, to: number): Promise<readonly OutputFile[]> {
  const modules: OutputFile[] = [];
  for (let seed = from; seed < to; seed++) {
    const { files } = await generate(sourcesOf(seed));
    modules.push(...files.map(({ path, text }) => ({ path: `${seed}/${path}`, text })));
  }
  return modules;
}

/**
 * Compares each mutant of a range of seeds with that of the next seed.
 *
 * @throws Error that names the seed, if a comparison fails.
 */
export function compareMutants(from: number, to: number): void {
  for (let seed = from; seed < to; seed++) {
    try {
      compareSpecs(sourcesOf(seed), sourcesOf(seed + 1));
    } catch (cause) {
      throw new Error(`comparison of the mutants ${seed} and ${seed + 1}`, { cause });
    }
  }
}

/** Generates without the syntax check of `generate`, which takes most of the time. Returns undefined after an error. */
export function layoutModules(
  sources: readonly Source[],
  diagnostics = new Diagnostics(),
): readonly OutputFile[] | undefined {
  const ir = resolve(read(sources, diagnostics), diagnostics);
  if (diagnostics.hasErrors) return undefined;
  return Array.from(emit(ir, decideNames(ir, diagnostics)), (file) => ({
    path: file.path,
    text: layoutFile(file, { extension: ".js" }),
  }));
}

function check(texts: ReadonlyMap<string, { readonly seed: number; readonly text: string }>): Tally["failures"] {
  const options: CompilerOptions = { noLib: true, noResolve: true, types: [], target: ts.ScriptTarget.ES2022 };
  const host: CompilerHost = {
    ...ts.createCompilerHost(options),
    jsDocParsingMode: ts.JSDocParsingMode.ParseNone,
    fileExists: (path) => texts.has(path),
    readFile: (path) => texts.get(path)?.text,
    getSourceFile: (path, target) => ts.createSourceFile(path, texts.get(path)?.text ?? "", target),
  };
  const program = ts.createProgram([...texts.keys()], options, host);
  return [...texts].flatMap(([path, { seed, text }]) => {
    const source = program.getSourceFile(path);
    if (source === undefined) return [{ seed, error: new Error("the module was not parsed") }];
    const [problem] = program.getSyntacticDiagnostics(source);
    if (problem !== undefined)
      return [{ seed, error: new Error(ts.flattenDiagnosticMessageText(problem.messageText, "\n")) }];
    const odd = source.statements.find((statement) => !isDeclaration(statement));
    return odd ? [{ seed, error: new Error(`not a declaration: ${text.slice(odd.pos, odd.end)}`) }] : [];
  });
}

/** Returns whether a statement is an import or an exported declaration. */
function isDeclaration(statement: Statement): boolean {
  if (ts.isImportDeclaration(statement)) return true;
  const isKind =
    ts.isVariableStatement(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isClassDeclaration(statement);
  return isKind && statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;
}
