import { dirname, join } from "node:path";
import * as runtime from "@dbus-codegen-ts/runtime";
import type { OutputFile } from "dbus-codegen-ts";
import type { Node, SourceFile } from "typescript";
import { ts } from "./typescript.ts";

/** Evaluates a generated module with the real runtime and returns its exports. */
export function load(files: readonly OutputFile[], path: string): Readonly<Record<string, unknown>> {
  const loaded = new Map<string, Record<string, unknown>>();
  const require = (name: string, from: string): unknown => {
    if (name === "@dbus-codegen-ts/runtime") return runtime;
    const file = join(dirname(from), name).replace(/\.js$/, ".ts");
    const before = loaded.get(file);
    if (before !== undefined) return before;
    const exports = {};
    loaded.set(file, exports);
    const text = files.find(({ path: candidate }) => candidate === file)?.text;
    if (text === undefined) throw new Error(`"${from}" imports "${name}", which was not generated`);
    const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS };
    const { outputText } = ts.transpileModule(text, { compilerOptions });
    new Function("require", "exports", outputText)((inner: string) => require(inner, file), exports);
    return exports;
  };
  return Object(require(`./${path}`, path));
}

/** Returns the top-level statements of a module, a line each. A line begins with `!` unless it is an import or an exported declaration. */
export function statements(text: string): readonly string[] {
  return parse(text).statements.map((statement) => {
    if (ts.isImportDeclaration(statement)) return "import";
    const exported =
      ts.canHaveModifiers(statement) &&
      ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
    if (exported && ts.isVariableStatement(statement))
      return `const ${statement.declarationList.declarations.map(({ name }) => name.getText()).join()}`;
    if (exported && ts.isTypeAliasDeclaration(statement)) return `type ${statement.name.text}`;
    if (exported && ts.isInterfaceDeclaration(statement)) return `interface ${statement.name.text}`;
    if (exported && ts.isClassDeclaration(statement)) return `class ${statement.name?.text}`;
    return `! ${statement.getText()}`;
  });
}

/** Returns all expressions of a module that execute code: calls, `new`, templates, assignments. Generated modules call only `super` and `this.$call`. */
export function executed(text: string): readonly string[] {
  const expressions = new Set<string>();
  const visit = (node: Node): void => {
    if (ts.isCallExpression(node)) expressions.add(node.expression.getText());
    else if (ts.isNewExpression(node) || ts.isTemplateExpression(node) || ts.isTaggedTemplateExpression(node))
      expressions.add(`! ${node.getText()}`);
    else if (ts.isBinaryExpression(node) || ts.isPostfixUnaryExpression(node)) expressions.add(`! ${node.getText()}`);
    ts.forEachChild(node, visit);
  };
  visit(parse(text));
  return [...expressions].toSorted();
}

/** Returns whether a module contains the type `any`. */
export function hasAny(text: string): boolean {
  const visit = (node: Node): boolean =>
    node.kind === ts.SyntaxKind.AnyKeyword || ts.forEachChild(node, visit) === true;
  return visit(parse(text));
}

/** The last parsed module, because several functions examine each module. */
let parsed: SourceFile | undefined;

function parse(text: string): SourceFile {
  if (parsed?.text === text) return parsed;
  const options = { languageVersion: ts.ScriptTarget.ES2022, jsDocParsingMode: ts.JSDocParsingMode.ParseNone };
  parsed = ts.createSourceFile("module.ts", text, options, true);
  return parsed;
}
