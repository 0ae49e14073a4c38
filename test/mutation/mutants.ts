import ts from "typescript";

/** A replacement of a range of a source file. */
export interface Mutant {
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
  /** Range of the smallest expression that contains the replaced range. */
  readonly expression: { readonly start: number; readonly end: number };
}

const OPPOSITES: ReadonlyMap<ts.SyntaxKind, string> = new Map([
  [ts.SyntaxKind.EqualsEqualsEqualsToken, "!=="],
  [ts.SyntaxKind.ExclamationEqualsEqualsToken, "==="],
  [ts.SyntaxKind.LessThanToken, "<="],
  [ts.SyntaxKind.LessThanEqualsToken, "<"],
  [ts.SyntaxKind.GreaterThanToken, ">="],
  [ts.SyntaxKind.GreaterThanEqualsToken, ">"],
  [ts.SyntaxKind.PlusToken, "-"],
  [ts.SyntaxKind.MinusToken, "+"],
  [ts.SyntaxKind.AsteriskToken, "/"],
  [ts.SyntaxKind.SlashToken, "*"],
  [ts.SyntaxKind.AmpersandAmpersandToken, "||"],
  [ts.SyntaxKind.BarBarToken, "&&"],
  [ts.SyntaxKind.PlusEqualsToken, "-="],
  [ts.SyntaxKind.MinusEqualsToken, "+="],
]);

/** Returns every mutant of the text of a source file. */
export function mutantsOf(file: string, text: string): readonly Mutant[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const mutants: Mutant[] = [];
  const replace = (node: ts.Node, replacement: string, expression = node): void => {
    const start = node.getStart(source);
    const range = { start: expression.getStart(source), end: expression.end };
    mutants.push({ file, start, end: node.end, replacement, expression: range });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isInterfaceDeclaration(node)) return;
    if (ts.isBinaryExpression(node)) {
      const opposite = OPPOSITES.get(node.operatorToken.kind);
      if (opposite !== undefined) replace(node.operatorToken, opposite, node);
    }
    if (ts.isIfStatement(node) || ts.isWhileStatement(node)) {
      replace(node.expression, "false");
      if (ts.isIfStatement(node)) replace(node.expression, "true");
    }
    if (ts.isConditionalExpression(node)) {
      replace(node.condition, "true");
      replace(node.condition, "false");
    }
    if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) {
      replace(node, node.operand.getText(source));
    }
    if (node.kind === ts.SyntaxKind.TrueKeyword) replace(node, "false");
    if (node.kind === ts.SyntaxKind.FalseKeyword) replace(node, "true");
    if (ts.isNumericLiteral(node) && !isName(node)) replace(node, `(${node.text} + 1)`);
    if (ts.isExpressionStatement(node) && ts.isCallExpression(node.expression)) {
      if (node.expression.expression.kind !== ts.SyntaxKind.SuperKeyword) replace(node, ";", node.expression);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return mutants;
}

/** Returns whether a literal is the name of a property, as in `{ 1: "a" }`. */
function isName(node: ts.NumericLiteral): boolean {
  return ts.isPropertyAssignment(node.parent) && node.parent.name === node;
}

/** Returns the text of a source file with a mutant. */
export function mutated(text: string, { start, end, replacement }: Mutant): string {
  return text.slice(0, start) + replacement + text.slice(end);
}

/** Returns the lines of a mutant before and after the change, each as one line. */
export function changedLines(text: string, { start, end, replacement }: Mutant): readonly [from: string, to: string] {
  const first = text.lastIndexOf("\n", start - 1) + 1;
  const next = text.indexOf("\n", end);
  const last = next === -1 ? text.length : next;
  const oneLine = (lines: string): string => lines.replace(/\s+/g, " ").trim();
  return [oneLine(text.slice(first, last)), oneLine(text.slice(first, start) + replacement + text.slice(end, last))];
}

/** Returns the text of a source file in which each mutant's expression records in the global `reachedMutants` that it runs. */
export function recordReached(text: string, mutants: readonly (readonly [index: number, mutant: Mutant])[]): string {
  const inserts = mutants.flatMap(([index, { expression }]) => {
    const { start, end } = expression;
    return [
      { at: start, isEnd: 0, size: end - start, text: `(reachedMutants[${index}] = 1, ` },
      { at: end, isEnd: 1, size: end - start, text: ")" },
    ];
  });
  // What ends at a place comes before what starts there. The longest starts first and ends last.
  inserts.sort((a, b) => a.at - b.at || b.isEnd - a.isEnd || (a.isEnd === 1 ? a.size - b.size : b.size - a.size));
  let result = "";
  let copied = 0;
  for (const insert of inserts) {
    result += text.slice(copied, insert.at) + insert.text;
    copied = insert.at;
  }
  return result + text.slice(copied);
}
