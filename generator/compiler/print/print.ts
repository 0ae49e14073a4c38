import { Project, type SourceFile, ts } from "ts-morph";
import type { FileModel } from "../emit/model.ts";
import type { ImportOptions } from "./imports.ts";
import { layoutFile } from "./layout.ts";

/** A generated file: its path in the output folder and its text. */
export interface OutputFile {
  readonly path: string;
  readonly text: string;
}

/** Files whose syntax is checked together: a program for each alone costs time, one for all costs memory. */
const BATCH = 50;

/** Prints modules and checks that each is syntactically TypeScript: a file that is not would be a bug, and is never given out. */
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

/** Takes the texts of files that are syntactically right out of the project. */
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
