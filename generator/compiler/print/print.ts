import { Project, type SourceFile, ts } from "ts-morph";
import type { FileModel } from "../emit/file-model.ts";
import type { ImportOptions } from "./imports.ts";
import { layoutFile } from "./module-layout.ts";

/** A generated file: its path in the output folder and its text. */
export interface OutputFile {
  readonly path: string;
  readonly text: string;
}

/** Number of files whose syntax is checked in one program: one program per file costs time, one for all costs memory. */
const BATCH = 50;

/** Yields the text of modules. Throws if the syntax of a module is invalid, which is a bug of the generator. */
export function* print(files: Iterable<FileModel>, options: ImportOptions): Iterable<OutputFile> {
  const project = new Project({
    useInMemoryFileSystem: true,
    skipLoadingLibFiles: true,
    skipFileDependencyResolution: true,
    compilerOptions: {
      noLib: true,
      noResolve: true,
      types: [],
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
    },
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
function take(project: Project, batch: readonly SourceFile[]): readonly OutputFile[] {
  const program = project.getProgram();
  return batch.map((source) => {
    const [problem] = program.getSyntacticDiagnostics(source);
    if (problem !== undefined)
      throw new Error(`generated ${source.getFilePath()} is not TypeScript: ${problem.getMessageText()}`);
    const file = { path: source.getFilePath().slice(1), text: source.getFullText() };
    project.removeSourceFile(source);
    return file;
  });
}
