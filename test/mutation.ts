import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { defaultServerConditions } from "vite";
import { createVitest, type TestModule } from "vitest/node";

// Mutation testing: changes one place of a source file at a time and expects a test to fail. The files are changed only
// in memory. Usage: npm run mutation -- <area> [mutants, 0 for all] [seed]. Prints each mutant with the test that failed.

/** Sources by area, with the tests that must notice a change: quick ones, and others for mutants that survive these. */
interface Area {
  readonly sources: readonly string[];
  readonly quick: readonly string[];
  readonly others: readonly string[];
}

const AREAS: Readonly<Record<string, Area>> = {
  wire: {
    sources: ["runtime/core/wire"],
    quick: ["test/runtime/core/wire/*.test.ts"],
    others: ["test/fuzz/messages.test.ts", "test/runtime/core/{hostile,round-trip}.bus.test.ts"],
  },
  resolve: {
    sources: ["generator/compiler/resolve"],
    quick: ["test/generator/compiler/{resolve,diagnostics}/*.test.ts"],
    others: ["test/generator/compiler/**/*.test.ts", "test/generator/tools/{lint,breaking,site}/*.test.ts"],
  },
  names: {
    sources: ["generator/compiler/names"],
    quick: ["test/generator/compiler/names/*.test.ts"],
    others: ["test/generator/compiler/**/*.test.ts", "test/generator/tools/{lint,breaking,site}/*.test.ts"],
  },
  connman: {
    sources: ["runtime/connman/policy", "runtime/connman/sessions"],
    quick: ["test/runtime/connman/sessions/*.test.ts"],
    others: [
      "test/runtime/connman/{policy,services}/*.test.ts",
      "test/runtime/connman/adapters/policy-files/*.test.ts",
    ],
  },
  handles: {
    sources: ["runtime/telepathy/connection/handle-table.ts", "runtime/telepathy/connection/connection-handles.ts"],
    quick: ["test/runtime/telepathy/connection/*.test.ts"],
    others: ["test/runtime/telepathy/service/*.test.ts"],
  },
  interests: {
    sources: ["runtime/telepathy/connection/interest-counts.ts"],
    quick: ["test/runtime/telepathy/connection/*.test.ts"],
    others: ["test/runtime/telepathy/service/*.test.ts"],
  },
  "irc-presence": {
    sources: [
      ..."contact-names contact-presence monitor-list nick-spellings own-nick own-presence presence-queries watched-contacts"
        .split(" ")
        .map((name) => `runtime/telepathy/protocols/irc/${name}.ts`),
    ],
    quick: ["test/runtime/telepathy/protocols/irc/{contact,own,irc-contacts,irc-monitor}*.test.ts"],
    others: [],
  },
};

/**
 * Longest times for the tests of one mutant. A mutant that takes longer, such as an endless loop, is killed. Time of the
 * processor counts, because other programs make tests slow.
 */
const MUTANT_CPU_MS = 120_000;
const MUTANT_TIMEOUT_MS = 1_200_000;

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

function mutantsOfArea({ sources }: Area): readonly Mutant[] {
  const files = sources.flatMap((path) =>
    path.endsWith(".ts")
      ? [path]
      : ts.sys.readDirectory(join(ROOT, path), [".ts"]).map((file) => file.slice(ROOT.length)),
  );
  return files.flatMap(mutantsOf);
}

/** Runs the tests of an area for one mutant after another, and prints a line for each. */
async function runBatch(area: Area, mutants: readonly (Mutant | undefined)[]): Promise<void> {
  let mutant: Mutant | undefined;
  const vitest = await createVitest(
    "test",
    {
      config: false,
      root: ROOT,
      watch: false,
      bail: 1,
      reporters: [{}],
      include: [...area.quick, ...area.others],
      exclude: ["**/*.system.test.ts"],
      // One process, so that an endless loop can be ended with it.
      pool: "threads",
      isolate: false,
      maxWorkers: 1,
      testTimeout: 60_000,
    },
    {
      ssr: { resolve: { conditions: ["@dbus-codegen-ts/source", ...defaultServerConditions] } },
      plugins: [
        {
          name: "mutant",
          enforce: "pre",
          load: (id) => (mutant !== undefined && id === join(ROOT, mutant.file) ? mutated(mutant) : undefined),
        },
      ],
    },
  );
  const all = await vitest.globTestSpecifications();
  const quick = all.filter(({ moduleId }) => area.quick.some((glob) => matchesGlob(moduleId.slice(ROOT.length), glob)));
  const others = all.filter((specification) => !quick.includes(specification));
  for (const next of mutants) {
    mutant = next;
    if (mutant !== undefined) vitest.invalidateFile(join(ROOT, mutant.file));
    const runTests = async (specifications: typeof all): Promise<string | undefined> => {
      const { testModules, unhandledErrors } = await vitest.runTestSpecifications(specifications);
      const [failed] = testModules.filter((module) => !module.ok());
      if (failed !== undefined) return nameOfFailure(failed);
      return unhandledErrors.length > 0 ? `an unhandled error: ${String(unhandledErrors[0])}` : undefined;
    };
    let killer = (await runTests(quick)) ?? (await runTests(others));
    if (mutant !== undefined) vitest.invalidateFile(join(ROOT, mutant.file));
    // A test with a bus can fail for another reason, such as a slow machine. It must pass without the mutant.
    const cause = mutant;
    mutant = undefined;
    const failed = others.filter(({ moduleId }) => killer?.startsWith(`${moduleId.slice(ROOT.length)} > `));
    if (cause !== undefined && failed.length > 0 && (await runTests(failed)) !== undefined) {
      process.stderr.write(`${killer} also fails without a mutant\n`);
      killer = undefined;
    }
    process.stdout.write(`${RESULT}${killer?.replaceAll("\n", " ") ?? ""}\n`);
  }
  process.exit();
}

/** Returns the name of the first failed test of a module. */
function nameOfFailure(module: TestModule): string {
  const [test] = module.children.allTests("failed");
  return `${module.moduleId.slice(ROOT.length)} > ${test?.fullName ?? "its import"}`;
}

/** Returns whether a path matches a glob with `*`, `**` and braces. */
function matchesGlob(path: string, glob: string): boolean {
  const pattern = glob
    .replace(/[.+^$()|[\]\\]/g, "\\$&")
    .replace(/\{([^}]*)\}/g, (_, names: string) => `(?:${names.replaceAll(",", "|")})`)
    .replace(/\*\*\/|\*/g, (wildcard) => (wildcard === "*" ? "[^/]*" : "(?:.*/)?"));
  return new RegExp(`^${pattern}$`).test(path);
}

function mutated({ file, start, end, replacement }: Mutant): string {
  const text = readFileSync(join(ROOT, file), "utf8");
  return text.slice(0, start) + replacement + text.slice(end);
}

/** Prefix of the lines in which a batch reports results, before the test that failed. */
const RESULT = "killed by: ";

/** Result of a mutant whose tests did not end in time. */
const TIMEOUT = "a timeout";

/**
 * Runs mutants of an area in a process, and yields for each the test that failed; undefined for a survivor. The first mutant is undefined: the
 * unchanged sources. After a timeout the remaining mutants continue in another process.
 */
async function* results(areaName: string, args: readonly string[], count: number): AsyncGenerator<string | undefined> {
  for (let done = 0; done <= count; ) {
    const batch = spawn(process.execPath, [...process.execArgv, SELF, areaName, ...args, `${done}`], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let isKilled = false;
    let start = { cpuMs: 0, atMs: Date.now() };
    const timer = setInterval(() => {
      if (cpuMsOf(batch.pid) - start.cpuMs < MUTANT_CPU_MS && Date.now() - start.atMs < MUTANT_TIMEOUT_MS) return;
      isKilled = true;
      batch.kill("SIGKILL");
    }, 1000);
    let isFirst = true;
    for await (const line of createInterface({ input: batch.stdout })) {
      if (!line.startsWith(RESULT)) continue;
      const killer = line.slice(RESULT.length) || undefined;
      if (isFirst && killer !== undefined) throw new Error(`the tests fail without a mutant: ${killer}`);
      if (!isFirst || done === 0) {
        yield killer;
        done++;
      }
      isFirst = false;
      start = { cpuMs: cpuMsOf(batch.pid), atMs: Date.now() };
    }
    clearInterval(timer);
    if (isFirst) throw new Error("the tests do not end without a mutant");
    if (done > count) break;
    yield isKilled ? TIMEOUT : "the end of the process";
    done++;
  }
}

/** Returns the processor time of a process, or 0 where Linux' `/proc` does not report it. */
function cpuMsOf(pid: number | undefined): number {
  try {
    // The name in parentheses can contain blanks. After it, the times are the 12th and 13th fields, in hundredths of a second.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
    return 10 * (Number(fields[11]) + Number(fields[12]));
  } catch {
    return 0;
  }
}

const SELF = fileURLToPath(import.meta.url);
const [areaName = "", count = "0", seed = "1", first] = process.argv.slice(2);
const area = Object.hasOwn(AREAS, areaName) ? AREAS[areaName] : undefined;
if (area === undefined) throw new Error(`areas: ${Object.keys(AREAS).join(", ")}`);
const mutants = select(mutantsOfArea(area), Number(count), Number(seed));

if (first !== undefined) await runBatch(area, [undefined, ...mutants.slice(Math.max(0, Number(first) - 1))]);
let index = -1;
let survivors = 0;
let timeouts = 0;
for await (const killer of results(areaName, [count, seed], mutants.length)) {
  const mutant = mutants[index++];
  if (mutant === undefined) continue;
  const place = describeMutant(mutant, readFileSync(join(ROOT, mutant.file), "utf8"));
  if (killer === undefined) survivors++;
  if (killer === TIMEOUT) timeouts++;
  console.log(killer === undefined ? `SURVIVED  ${place}` : `killed    ${place} (${killer})`);
}
const killed = mutants.length - survivors;
const percent = ((100 * killed) / mutants.length).toFixed(1);
console.log(
  `${areaName}: ${killed} of ${mutants.length} mutants killed (${percent} %), ${timeouts} of them by a timeout`,
);
