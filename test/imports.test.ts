import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Identifier, Node } from "typescript";
import { describe, expect, test } from "vitest";
import { ts } from "./generator/typescript.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PACKAGES = ["generator", "generated", "runtime/core", "runtime/connman", "runtime/telepathy"];
const NOT_SOURCES = new Set(["dist", "node_modules", "assets"]);

/** Packages that exactly one module may import, so that replacing them touches one file. */
const PACKAGES_WITH_ONE_IMPORTER = ["fast-xml-parser", "ts-morph", "dbus-next"];

/**
 * Modules that write to the standard streams: the shell of the command line, which escapes lines, and the module that
 * runs the programs of the runtime packages.
 */
const PRINTING = ["generator/cli/shell.ts", "runtime/core/program.ts"];

/** Exports in the manifest of each workspace package, by name. */
const exportsOfPackages = new Map(
  [...PACKAGES, ...foldersOf("generator/catalogue")].flatMap((folder) => {
    const manifest = join(ROOT, folder, "package.json");
    if (!existsSync(manifest)) return [];
    const { name, exports } = JSON.parse(readFileSync(manifest, "utf8"));
    return [[name, { folder, exports }] as const];
  }),
);

/** Texts of all modules by path. */
const modules = new Map(PACKAGES.flatMap(sourcesBelow).map((path) => [path, readFileSync(join(ROOT, path), "utf8")]));
const imports = new Map([...modules].map(([path, text]) => [path, importsOf(path, text)]));

describe("imports", () => {
  test("form no cycles, type-only imports included", () => {
    expect(cyclesOf(new Map([...imports].map(([path, found]) => [path, found.modules])))).toEqual([]);
  });

  test.each<[graph: Record<string, string[]>, expected: string[][]]>([
    [{ a: ["b", "c"], b: ["c"], c: [] }, []],
    [{ a: ["a"] }, [["a"]]],
    [{ a: ["b"], b: ["a"] }, [["a", "b"]]],
    [{ a: ["b"], b: ["c"], c: ["d", "b"], d: [] }, [["b", "c"]]],
    [
      { a: ["b", "d"], b: ["c"], c: ["a"], d: ["e"], e: ["d"] },
      [
        ["a", "b", "c"],
        ["d", "e"],
      ],
    ],
  ])("the search for cycles in %j finds %j", (graph, expected) => {
    expect(cyclesOf(new Map(Object.entries(graph)))).toEqual(expected);
  });

  test.each([
    [`import type { Cost } from "./decoding-cost.ts";`, "runtime/core/wire/decoding-cost.ts"],
    [`export { Cost } from "./decoding-cost.js";`, "runtime/core/wire/decoding-cost.ts"],
    [`const cost = await import("./decoding-cost.ts");`, "runtime/core/wire/decoding-cost.ts"],
    [`import { Bus } from "@dbus-codegen-ts/runtime";`, "runtime/core/index.ts"],
    [
      `import { PeerClient } from "@dbus-codegen-ts/runtime/standard/org.freedesktop.DBus.Peer";`,
      "runtime/core/standard/org.freedesktop.DBus.Peer.ts",
    ],
    [`import { generate } from "dbus-codegen-ts";`, "generator/index.ts"],
    [`import { logind } from "@dbus-codegen-ts/logind/mock";`, "generator/catalogue/logind/mock.ts"],
  ])("the imports of %s lead to %s", (text, module) => {
    expect(importsOf("runtime/core/wire/codec.ts", text).modules).toEqual([module]);
  });

  test("of wire/ lead only to wire/ and to the leaves contract.ts and values.ts", () => {
    const allowed = /^runtime\/core\/(wire\/|contract\.ts$|values\.ts$)/;
    expect(importsBetween("runtime/core/wire/", (to) => !allowed.test(to))).toEqual([]);
  });

  test("of bus/ never lead to service/, client/ or the public Bus", () => {
    expect(importsBetween("runtime/core/bus/", (to) => /^runtime\/core\/(service|client|bus\.ts)/.test(to))).toEqual(
      [],
    );
  });

  test("of service/ and client/ never lead to the public Bus", () => {
    const isBus = (to: string): boolean => to === "runtime/core/bus.ts";
    expect(importsBetween("runtime/core/service/", isBus)).toEqual([]);
    expect(importsBetween("runtime/core/client/", isBus)).toEqual([]);
  });

  test("of the command line load, before a command runs, only small modules", () => {
    expect(
      [...loadedWith("generator/cli/main.ts")].filter((path) => !path.startsWith("generator/cli/")).sort(),
    ).toEqual([
      "generator/compiler/diagnostics/formats.ts",
      "generator/compiler/text/hidden-characters.ts",
      "generator/compiler/text/nearest-word.ts",
      "generator/compiler/text/terminal.ts",
      "generator/tools/breaking/change-kind.ts",
      "generator/tools/conform/report-formats.ts",
    ]);
  });

  test("of fast-xml-parser, ts-morph and dbus-next are in one module each", () => {
    for (const name of PACKAGES_WITH_ONE_IMPORTER) {
      expect(
        [...imports]
          .filter(([, { packages }]) => packages.some((imported) => `${imported}/`.startsWith(`${name}/`)))
          .map(([path]) => path),
      ).toHaveLength(1);
    }
  });
});

test("dynamic imports lead to JavaScript in the build, which TypeScript leaves out in functions with `using`", () => {
  const { ES2022 } = ts.ScriptTarget;
  const compilerOptions = { target: ES2022, module: ts.ModuleKind.ESNext, rewriteRelativeImportExtensions: true };
  const endings = [...modules]
    .filter(([, text]) => /\busing \w/.test(text) && /\bimport\("\./.test(text))
    .map(([path, text]): [string, unknown[]] => {
      const { outputText } = ts.transpileModule(text, { compilerOptions });
      return [path, outputText.match(/\bimport\("\.[^"]*\.ts"/g) ?? []];
    });
  expect(endings.length).toBeGreaterThan(0);
  expect(endings.filter(([, found]) => found.length > 0)).toEqual([]);
});

test("only the shell of the command line and `core/program.ts` write to the standard streams", () => {
  const printing = [...modules].filter(([, text]) => prints(text)).map(([path]) => path);
  expect(printing).toEqual(PRINTING);
});

test.each([
  ["console.log(1)"],
  ["process.stdout.write('')"],
  ["process['stderr'].write('')"],
  ["const { stdout } = process;"],
  ["import { stdout } from 'node:process';"],
  ["import { writeSync } from 'node:fs'; writeSync(2, '')"],
  ["import { createWriteStream } from 'node:fs'; createWriteStream('/dev/stderr')"],
  ["surroundings.writeError('')"],
])("the search for writers finds %s", (text) => {
  expect(prints(text)).toBe(true);
});

function foldersOf(folder: string): string[] {
  return readdirSync(join(ROOT, folder)).map((name) => `${folder}/${name}`);
}

/** Returns the paths of all modules of a package, relative to the root. */
function sourcesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return NOT_SOURCES.has(entry.name) ? [] : sourcesBelow(path);
    return path.endsWith(".ts") ? [path] : [];
  });
}

interface Imports {
  /** Paths of imported modules of the workspace. */
  readonly modules: readonly string[];
  /** Names of imported packages. */
  readonly packages: readonly string[];
}

function importsOf(path: string, text: string): Imports {
  const specifiers = ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
  const relative = specifiers.filter((specifier) => specifier.startsWith("."));
  return {
    modules: relative
      .map((specifier) => join(path, "..", specifier).replace(/\.js$/, ".ts"))
      .concat(specifiers.flatMap(exportedModule))
      .filter((imported) => modules.has(imported)),
    packages: specifiers.filter((specifier) => !specifier.startsWith(".")),
  };
}

/** Returns the path of the module that a workspace package exports under a specifier. */
function exportedModule(specifier: string): string[] {
  const [, name = "", subpath = ""] = /^((?:@[^/]*\/)?[^/]*)(.*)$/.exec(specifier) ?? [];
  const { folder = "", exports = {} } = exportsOfPackages.get(name) ?? {};
  for (const [pattern, target] of Object.entries(exports)) {
    const source = Object(target)["@dbus-codegen-ts/source"];
    const [start = "", end] = pattern.split("*");
    const isMatch = end === undefined ? `.${subpath}` === pattern : `.${subpath}`.startsWith(start);
    if (isMatch && source !== undefined) return [join(folder, source.replace("*", `.${subpath}`.slice(start.length)))];
  }
  return [];
}

/**
 * Returns the paths of a module and of all modules that are loaded together with it. Imports of types and calls of
 * `import()` do not count.
 */
function loadedWith(path: string, loaded = new Set<string>()): ReadonlySet<string> {
  if (loaded.has(path)) return loaded;
  loaded.add(path);
  const text = modules.get(path) ?? "";
  const values = text.replaceAll(/^(import|export) type [^;]*;/gm, "").replaceAll("import(", "later(");
  for (const imported of importsOf(path, values).modules) loadedWith(imported, loaded);
  return loaded;
}

function importsBetween(folder: string, isForbidden: (imported: string) => boolean): string[] {
  return [...imports]
    .filter(([path]) => path.startsWith(folder))
    .flatMap(([path, found]) => found.modules.filter(isForbidden).map((imported) => `${path} -> ${imported}`));
}

/** Returns the strongly connected components of an import graph that are cycles (Tarjan's algorithm). */
function cyclesOf(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const indexes = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const components: string[][] = [];
  const visit = (path: string): number => {
    const index = indexes.size;
    indexes.set(path, index);
    lowest.set(path, index);
    stack.push(path);
    const imported = graph.get(path) ?? [];
    for (const next of imported) {
      if (!indexes.has(next)) lowest.set(path, Math.min(lowest.get(path) ?? index, visit(next)));
      else if (stack.includes(next)) lowest.set(path, Math.min(lowest.get(path) ?? index, indexes.get(next) ?? index));
    }
    if (lowest.get(path) === index) {
      const component = stack.splice(stack.indexOf(path)).sort();
      if (component.length > 1 || imported.includes(path)) components.push(component);
    }
    return lowest.get(path) ?? index;
  };
  for (const path of graph.keys()) if (!indexes.has(path)) visit(path);
  return components.sort();
}

/** Matches modules that may print; other modules need not be parsed. `\u` can hide letters of an identifier. */
const NAMES_OF_WRITERS = /console|std(?:out|err)|write(?:Output|Error|Sync)|createWriteStream|\/dev\/|process|\\u/;

/**
 * Returns whether a module uses `console`, standard output or standard error, descriptors 1 or 2 or their files, or the
 * functions below the shell.
 */
function prints(text: string): boolean {
  if (!NAMES_OF_WRITERS.test(text)) return false;
  const options = { languageVersion: ts.ScriptTarget.Latest, jsDocParsingMode: ts.JSDocParsingMode.ParseNone };
  const source = ts.createSourceFile("module.ts", text, options, true);
  const isDescriptor = (node: Node): boolean => ts.isNumericLiteral(node) && ["1", "2"].includes(node.text);
  const visit = (node: Node): boolean => {
    if (ts.isIdentifier(node) && /^(console|stdout|stderr|writeOutput|writeError)$/.test(node.text)) {
      if (!node.text.startsWith("std") || isStreamOfProcess(node)) return true;
    }
    if (ts.isStringLiteral(node) && /^\/dev\/(std|tty|fd)/.test(node.text)) return true;
    if (ts.isElementAccessExpression(node) && node.expression.getText(source) === "process") return true;
    if (ts.isCallExpression(node) && /writeSync|createWriteStream/.test(node.expression.getText(source)))
      if (node.arguments[0] !== undefined && isDescriptor(node.arguments[0])) return true;
    return ts.forEachChild(node, visit) === true;
  };
  return visit(source);
}

/** Returns whether an identifier `stdout` or `stderr` belongs to this process, not to a child process. */
function isStreamOfProcess(node: Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression.getText() === "process";
  if (ts.isImportSpecifier(parent)) return true;
  return ts.isBindingElement(parent) && parent.parent.parent.getText().endsWith("= process");
}
