import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Shape } from "@dbus-codegen-ts/runtime";
import { generate, type OutputFile } from "dbus-codegen-ts";
import { beforeAll, describe, expect, test } from "vitest";
import { compile } from "../../compile.ts";
import { load } from "../../modules.ts";
import { CORPUS_NOTE, corpus, hasCorpus, ROOT, type Specs } from "../../support.ts";

/** Returns a module that compiles only if the oracle agrees with the types of every generated interface. */
function questions(files: readonly OutputFile[]): OutputFile {
  const asked = files.flatMap(({ path, text }, index) => {
    const contract = /^export const (\S+) = \{\n {2}version: 2,/m.exec(text)?.[1];
    if (contract === undefined) return [];
    const [, client, members = ""] = /^export class (\S+) extends Client(?:\$1)?<([^>]*)>/m.exec(text) ?? [];
    const service = /^export abstract class (\S+) extends Service(?:\$1)?</m.exec(text)?.[1];
    const [, properties = "object", signals = "object"] = members.split(",").map((name) => name.trim());
    const names = [client, service, properties, signals].map((name) =>
      name === "object" ? name : `m${index}.${name}`,
    );
    const types = `typeof m${index}.${contract}, ${names.join(", ")}`;
    return [
      `import type * as m${index} from "./${path.replace(/\.ts$/, ".js")}";`,
      `export const q${index}: Disagreements<${types}> extends never ? true : Disagreements<${types}> = true;`,
    ];
  });
  const oracle = readFileSync(join(ROOT, "test/generator/compiler/types/oracle.ts"), "utf8");
  return { path: "questions.ts", text: `${oracle}\n${asked.join("\n")}\n` };
}

/** Returns generated modules, and the module that checks them by the oracle. */
async function generatedAndAsked(specs: Specs): Promise<readonly OutputFile[]> {
  const sources = Object.entries(specs).map(([path, content]) => ({ path, content }));
  const { files } = await generate(sources);
  expect(files.length).toBeGreaterThan(0);
  const asked = questions(files);
  expect(asked.text.match(/^export const q/gm)?.length).toBe(
    files.filter(({ text }) => /^export const \w+ = \{\n {2}version: /m.test(text)).length,
  );
  return [...files, asked];
}

/** Returns modules with paths in a folder. */
function inFolder(name: string, files: readonly OutputFile[]): readonly OutputFile[] {
  return files.map(({ path, text }) => ({ path: `${name}/${path}`, text }));
}

function folder(path: string): Specs {
  const names = readdirSync(join(ROOT, path), { recursive: true, encoding: "utf8" });
  return Object.fromEntries(
    names.filter((name) => name.endsWith(".xml")).map((name) => [name, readFileSync(join(ROOT, path, name))]),
  );
}

const BASIC = [..."ybnqiuxtdsogh"];
/** Every container of every basic type, and nested containers. */
const SIGNATURES = [
  ...BASIC.flatMap((code) => [
    code,
    `a${code}`,
    `aa${code}`,
    `(${code})`,
    `a(${code}s)`,
    `a{s${code}}`,
    `a{${code}v}`,
    `(a{${code}(${code}v)})`,
  ]),
  ...[
    "v",
    "av",
    "a{sv}",
    "a{oa{sa{sv}}}",
    "a{t(a{ya(obva{is})}gs)}",
    "(sssbsasa(ss)asba(ssss)asasasasa(ss)b)",
    "aaaay",
  ],
];
const everySignature = `<node><interface name="org.example.Signatures">${SIGNATURES.map(
  (
    type,
    index,
  ) => `<method name="M${index}"><arg name="a" type="${type}" direction="in"/><arg name="b" type="${type}" direction="out"/></method>
    <method name="N${index}"><arg type="${type}" direction="out"/><arg type="${type}" direction="out"/></method>
    <signal name="S${index}"><arg type="${type}"/></signal><property name="P${index}" type="${type}" access="readwrite"/>`,
).join("")}</interface></node>`;

/** Mistakes to be made in generated modules: a kind of mistake, the generated text, and the wrong text. */
const MISTAKES: readonly (readonly [kind: string, right: string, wrong: string])[] = [
  ["a parameter of the client", "  sum(arg0: number", "  sum(arg0: string"],
  ["a result of the client", "call?: CallOptions): Promise<number>", "call?: CallOptions): Promise<bigint>"],
  ["a parameter that is any", "  sum(arg0: number", "  sum(arg0: any"],
  ["a parameter of the service", "abstract sum(arg0: number", "abstract sum(arg0: string"],
  ["a result of the service", "incoming: Incoming): MaybePromise<number>", "incoming: Incoming): MaybePromise<string>"],
  ["a missing parameter", "abstract refuse(with$: string, ", "abstract refuse("],
  ["an argument of a signal", "error: [text: string]", "error: [text: number]"],
  ["a property", "  announced: string;", "  announced: Uint8Array;"],
  ["the access of a property", "  readonly constant: string;", "  constant: string;"],
  ["a member of a struct", "  readonly x: number;", "  readonly x: bigint;"],
  ["a key of a dictionary", "  readonly maxCount?: bigint;", "  readonly maxCount?: number;"],
  ["an enum of another type", '  Good: "good",', "  Good: 1,"],
];

/** Returns the modules of `test/e2e/specs` with each of the mistakes, in a folder for each. */
async function modulesWithMistakes(): Promise<readonly OutputFile[]> {
  const files = await generatedAndAsked(folder("test/e2e/specs"));
  return MISTAKES.flatMap(([kind, right, wrong], index) => {
    const changed = files.filter(({ path, text }) => path !== "questions.ts" && text.includes(right));
    expect(changed, kind).toHaveLength(1);
    const mistaken = files.map((file) =>
      changed.includes(file) ? { ...file, text: file.text.replace(right, wrong) } : file,
    );
    return inFolder(`mistake-${index}`, mistaken);
  });
}

/** Specs by the folder of the modules that are generated from them. */
const RIGHT: Readonly<Record<string, () => Specs>> = {
  "every container of every basic type": () => ({ "signatures.xml": everySignature }),
  "the specs of this repository": () => folder("specs"),
  "named types, recursive dictionaries and overloads": () => folder("test/e2e/specs"),
  ...(hasCorpus && {
    "the Telepathy specification": () => corpus("telepathy"),
    "a live ConnMan": () => corpus("connman"),
  }),
};

/** The problems of all modules. One program checks all. */
let problems: readonly string[] = [];
beforeAll(async () => {
  const right = Object.entries(RIGHT).map(async ([name, specs]) => inFolder(name, await generatedAndAsked(specs())));
  problems = await compile([...(await Promise.all(right)).flat(), ...(await modulesWithMistakes())], {
    isolatedDeclarations: false,
  });
});

describe(`declared types match the signatures${CORPUS_NOTE}`, () => {
  test.each(Object.keys(RIGHT))("for %s", (name) => {
    expect(problems.filter((problem) => problem.includes(`/${name}/`))).toEqual([]);
  });

  test("and all problems are of modules with mistakes", () => {
    expect(problems.filter((problem) => !/\/mistake-\d+\//.test(problem))).toEqual([]);
  });
});

test.each([
  ["the specs of this repository", "specs"],
  ["named types", "test/e2e/specs"],
])("shapes agree with the signatures in the same contract: %s", async (_, path) => {
  const sources = Object.entries(folder(path)).map(([name, content]) => ({ path: name, content }));
  const { files } = await generate(sources);
  let compared = 0;
  const compare = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    const as: unknown = Reflect.get(value, "as");
    if (typeof as === "function") {
      const type = String(Reflect.get(value, "type"));
      expect(shapeSignature(as(), type)).toBe(type);
      compared++;
    }
    for (const inner of Object.values(value)) compare(inner);
  };
  for (const { path: module } of files) for (const value of Object.values(load(files, module))) compare(value);
  expect(compared).toBeGreaterThanOrEqual(10);
});

/**
 * Returns the signature of a shape. The key of a dictionary has no shape, so its code is taken from the declared
 * signature `beside`.
 */
function shapeSignature(shape: Shape, beside: string): string {
  switch (shape.kind) {
    case "struct":
      return `(${Object.values(shape.fields)
        .map(({ type }) => type)
        .join("")})`;
    case "dictionary":
      return `a{s${shape.values ?? "v"}}`;
    case "choice":
      return "a{sv}";
    case "selected":
      return "(sa{sv})";
    case "items":
      return `a${shapeSignature(shape.of, beside.slice(1))}`;
    case "values":
      return `a{${beside[2]}${shapeSignature(shape.of, beside.slice(3, -1))}}`;
  }
}

describe("the oracle rejects a wrong type", () => {
  test.each(MISTAKES.map(([kind], index) => [kind, index] as const))("%s", (_, index) => {
    expect(problems.some((problem) => problem.includes(`/mistake-${index}/questions.ts`))).toBe(true);
  });
});
