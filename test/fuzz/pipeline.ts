import ts from "typescript";
import { Diagnostics } from "../../generator/compiler/diagnostics/diagnostic.ts";
import { emit } from "../../generator/compiler/emit/emit.ts";
import { decideNames } from "../../generator/compiler/names/decide-names.ts";
import { layoutFile } from "../../generator/compiler/print/module-layout.ts";
import { read } from "../../generator/compiler/read/read.ts";
import { resolve } from "../../generator/compiler/resolve/resolve.ts";
import { type Mutant, mutant } from "./mutate.ts";

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
      const { modules, codes } = generateTexts(mutant(seed));
      for (const code of codes) tally.codes.set(code, (tally.codes.get(code) ?? 0) + 1);
      if (modules === undefined) tally.rejected++;
      else tally.accepted++;
      for (const [index, text] of (modules ?? []).entries()) batch.set(`/${seed}-${index}.ts`, { seed, text });
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

/** Generates without the syntax check of `generate`, which is done for many modules at a time. `modules` is undefined after an error. */
function generateTexts(specs: Mutant): { modules: readonly string[] | undefined; codes: ReadonlySet<string> } {
  const diagnostics = new Diagnostics();
  const sources = Object.entries(specs).map(([path, content]) => ({ path, content }));
  const ir = resolve(read(sources, diagnostics), diagnostics);
  const codes = (): ReadonlySet<string> => new Set(diagnostics.sorted().map(({ code }) => code));
  if (diagnostics.hasErrors) return { modules: undefined, codes: codes() };
  const modules = Array.from(emit(ir, decideNames(ir, diagnostics)), (file) => layoutFile(file, { extension: ".js" }));
  return { modules, codes: codes() };
}

function check(texts: ReadonlyMap<string, { readonly seed: number; readonly text: string }>): Tally["failures"] {
  const options: ts.CompilerOptions = { noLib: true, noResolve: true, types: [], target: ts.ScriptTarget.ES2022 };
  const host: ts.CompilerHost = {
    ...ts.createCompilerHost(options),
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
function isDeclaration(statement: ts.Statement): boolean {
  if (ts.isImportDeclaration(statement)) return true;
  const isKind =
    ts.isVariableStatement(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isClassDeclaration(statement);
  return isKind && statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;
}
