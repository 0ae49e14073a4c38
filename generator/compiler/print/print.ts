import { createRequire } from "node:module";
import type { ts as Compiler, Project as ProjectType, SourceFile } from "ts-morph";
import type { FileModel } from "../emit/file-model.ts";
import type { ImportOptions } from "./imports.ts";
import { layoutFile } from "./module-layout.ts";

/**
 * The module ts-morph. It is loaded by `require`, because an import would first search ten megabytes of CommonJS for
 * exports, which takes a quarter of the time that the program needs to start.
 */
const { Project, ts }: typeof import("ts-morph") = createRequire(import.meta.url)("ts-morph");

/** A generated file: its path in the output folder and its text. */
export interface OutputFile {
  readonly path: string;
  readonly text: string;
}

/**
 * Number of files whose syntax is checked in one program. More programs would take more time; larger ones would take
 * more memory.
 */
const BATCH = 50;

/** Options with which only the syntax is checked: no module is resolved, and no library is read. */
const OPTIONS: Compiler.CompilerOptions = {
  noLib: true,
  noResolve: true,
  types: [],
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
};

/** Yields the text of modules. Throws if the syntax of a module is invalid, which is a bug of the generator. */
export function* print(files: Iterable<FileModel>, options: ImportOptions): Iterable<OutputFile> {
  const project = new Project({
    useInMemoryFileSystem: true,
    skipLoadingLibFiles: true,
    skipFileDependencyResolution: true,
    compilerOptions: OPTIONS,
  });
  let batch: SourceFile[] = [];
  for (const file of files) {
    batch.push(project.createSourceFile(`/${file.path}`, layoutFile(file, options)));
    if (batch.length < BATCH) continue;
    yield* take(project, batch);
    batch = [];
  }
  yield* take(project, batch);
}

/** Checks the syntax of files, removes them from the project and returns their texts. */
function take(project: ProjectType, batch: readonly SourceFile[]): readonly OutputFile[] {
  const program = programOf(batch);
  return batch.map((source) => {
    const [problem] = program.getSyntacticDiagnostics(source.compilerNode);
    if (problem !== undefined)
      throw new Error(
        `generated ${source.getFilePath()} is not TypeScript: ${ts.flattenDiagnosticMessageText(problem.messageText, "\n")}`,
      );
    const file = { path: source.getFilePath().slice(1), text: source.getFullText() };
    project.removeSourceFile(source);
    return file;
  });
}

/**
 * Returns a program of parsed files. The program of the ts-morph project is not used, because its creation searches for
 * files and takes as long as parsing.
 */
function programOf(batch: readonly SourceFile[]): Compiler.Program {
  const sources = new Map<string, SourceFile>(batch.map((source) => [source.getFilePath(), source]));
  return ts.createProgram([...sources.keys()], OPTIONS, {
    getSourceFile: (path) => sources.get(path)?.compilerNode,
    fileExists: (path) => sources.has(path),
    readFile: (path) => sources.get(path)?.getFullText(),
    writeFile: () => {},
    getDefaultLibFileName: () => "",
    getCurrentDirectory: () => "/",
    getCanonicalFileName: (path) => path,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => "\n",
  });
}
