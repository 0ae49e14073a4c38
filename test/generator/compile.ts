import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { OutputFile } from "dbus-codegen-ts";
import ts from "typescript";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const OPTIONS: ts.CompilerOptions = {
  ...ts.convertCompilerOptionsFromJson(
    ts.readConfigFile(join(ROOT, "tsconfig.json"), ts.sys.readFile).config.compilerOptions,
    ROOT,
  ).options,
  noEmit: true,
  declaration: true,
  isolatedDeclarations: true,
  paths: { "@dbus-codegen-ts/runtime": [join(ROOT, "runtime/core/index.ts")] },
};
const VIRTUAL = join(ROOT, ".compiled-in-memory");
const parsed = new Map<string, ts.SourceFile | undefined>();
let previous: ts.Program | undefined;

/** Type-checks generated modules against the runtime's sources, with the strict flags of the project and
 * `isolatedDeclarations`. Returns the messages of `tsc`. */
export function compile(files: readonly OutputFile[]): readonly string[] {
  const texts = new Map(files.map(({ path, text }) => [join(VIRTUAL, path), text]));
  const host = ts.createCompilerHost(OPTIONS);
  const { fileExists, getSourceFile, readFile, directoryExists } = host;
  host.getCurrentDirectory = () => ROOT;
  host.fileExists = (path) => texts.has(path) || fileExists(path);
  host.readFile = (path) => texts.get(path) ?? readFile(path);
  host.directoryExists = (path) => path.startsWith(VIRTUAL) || directoryExists?.(path) === true;
  host.getSourceFile = (path, options, ...rest) => {
    const text = texts.get(path);
    if (text !== undefined) return ts.createSourceFile(path, text, options, true);
    if (!parsed.has(path)) parsed.set(path, getSourceFile(path, options, ...rest));
    return parsed.get(path);
  };
  const program = ts.createProgram({
    rootNames: [...texts.keys()],
    options: OPTIONS,
    host,
    ...(previous && { oldProgram: previous }),
  });
  previous = program;
  const problems = program
    .getSourceFiles()
    .filter(({ fileName }) => texts.has(fileName))
    .flatMap((source) => [
      ...program.getSyntacticDiagnostics(source),
      ...program.getSemanticDiagnostics(source),
      ...program.getDeclarationDiagnostics(source),
    ]);
  return [...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics(), ...problems].map(
    ({ file, start, code, messageText }) => {
      const place = file && `${file.fileName}:${file.getLineAndCharacterOfPosition(start ?? 0).line + 1} `;
      return `${place ?? ""}TS${code}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
    },
  );
}
