import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { createVitest } from "vitest/node";

// Mutation testing: changes one place of a source file at a time and expects a unit test to fail.
// Usage: npm run mutation -- <area> [mutants, 0 for all] [seed]. Prints every mutant that survives.

/** Sources by area, with the tests that must notice a change. */
const AREAS: Readonly<Record<string, { readonly sources: readonly string[]; readonly tests: readonly string[] }>> = {
  wire: { sources: ["runtime/core/wire"], tests: ["test/runtime/core/wire"] },
  resolve: { sources: ["generator/compiler/resolve"], tests: ["test/generator/compiler"] },
  names: { sources: ["generator/compiler/names"], tests: ["test/generator/compiler"] },
  connman: { sources: ["runtime/connman/policy", "runtime/connman/sessions"], tests: ["test/runtime/connman"] },
  handles: {
    sources: ["runtime/telepathy/connection/handle-table.ts", "runtime/telepathy/connection/connection-handles.ts"],
    tests: ["test/runtime/telepathy/connection"],
  },
  interests: {
    sources: ["runtime/telepathy/connection/interest-counts.ts"],
    tests: ["test/runtime/telepathy/connection"],
  },
};

/** A replacement of a range of a file. */
interface Mutant {
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

const ROOT = fileURLToPath(new URL("..", import.meta.url));

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

/** Returns every mutant of a source file. */
function mutantsOf(file: string): readonly Mutant[] {
  const text = readFileSync(join(ROOT, file), "utf8");
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const mutants: Mutant[] = [];
  const replace = (node: ts.Node, replacement: string): void => {
    mutants.push({ file, start: node.getStart(source), end: node.end, replacement });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isInterfaceDeclaration(node)) return;
    if (ts.isBinaryExpression(node)) {
      const opposite = OPPOSITES.get(node.operatorToken.kind);
      if (opposite !== undefined) replace(node.operatorToken, opposite);
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
    if (ts.isNumericLiteral(node)) replace(node, `(${node.text} + 1)`);
    if (ts.isExpressionStatement(node) && ts.isCallExpression(node.expression)) {
      if (node.expression.expression.kind !== ts.SyntaxKind.SuperKeyword) replace(node, ";");
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return mutants;
}

/** Returns a pseudo-random sequence of numbers below 1 (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Returns a random selection of mutants, in the order of the sources. */
function select(mutants: readonly Mutant[], count: number, seed: number): readonly Mutant[] {
  if (count === 0 || count >= mutants.length) return mutants;
  const random = randomNumbers(seed);
  const drawn = new Set<Mutant>();
  while (drawn.size < count) {
    const mutant = mutants[Math.floor(random() * mutants.length)];
    if (mutant !== undefined) drawn.add(mutant);
  }
  return mutants.filter((mutant) => drawn.has(mutant));
}

function describeMutant({ file, start, end, replacement }: Mutant, text: string): string {
  const line = text.slice(0, start).split("\n").length;
  return `${file}:${line}: ${text.slice(start, end).replace(/\s+/g, " ")} → ${replacement}`;
}

const [areaName = "", count = "0", seed = "1"] = process.argv.slice(2);
const area = AREAS[areaName];
if (area === undefined) throw new Error(`areas: ${Object.keys(AREAS).join(", ")}`);
const files = area.sources.flatMap((path) =>
  path.endsWith(".ts")
    ? [path]
    : ts.sys.readDirectory(join(ROOT, path), [".ts"]).map((file) => file.slice(ROOT.length)),
);
const mutants = select(files.flatMap(mutantsOf), Number(count), Number(seed));

const vitest = await createVitest("test", {
  root: ROOT,
  project: ["unit"],
  watch: false,
  bail: 1,
  reporters: [{}],
  testTimeout: 10_000,
});
const specifications = await vitest.globTestSpecifications([...area.tests]);

async function testsPass(): Promise<boolean> {
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(specifications);
  return unhandledErrors.length === 0 && testModules.every((module) => module.ok());
}

if (!(await testsPass())) throw new Error("the tests fail without a mutant");
let survivors = 0;
for (const mutant of mutants) {
  const path = join(ROOT, mutant.file);
  const text = readFileSync(path, "utf8");
  try {
    writeFileSync(path, text.slice(0, mutant.start) + mutant.replacement + text.slice(mutant.end));
    vitest.invalidateFile(path);
    if (await testsPass()) {
      survivors++;
      console.log(`survived: ${describeMutant(mutant, text)}`);
    }
  } finally {
    writeFileSync(path, text);
    vitest.invalidateFile(path);
  }
}
const killed = mutants.length - survivors;
console.log(
  `${areaName}: ${killed} of ${mutants.length} mutants killed (${((100 * killed) / mutants.length).toFixed(1)} %)`,
);
await vitest.close();
