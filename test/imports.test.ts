import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PACKAGES = ["generator", "generated", "runtime/core", "runtime/connman", "runtime/telepathy"];
const NOT_SOURCES = new Set(["dist", "node_modules", "assets"]);

/** Packages that exactly one module may import, so that replacing them touches one file. */
const PACKAGES_WITH_ONE_IMPORTER = ["fast-xml-parser", "ts-morph", "dbus-next"];

/** Folders and modules that print. `runtime/core/program.ts` is the frame of programs. */
const PRINTING = ["generator/cli/", "generator/bin/", "runtime/core/program.ts"];

const modules = new Map(PACKAGES.flatMap(sourcesBelow).map((path) => [path, parse(path)]));
const imports = new Map([...modules].map(([path, source]) => [path, importsOf(path, source)]));

describe("imports", () => {
  test("form no cycles, type-only imports included", () => {
    expect(cycles()).toEqual([]);
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

  test("of fast-xml-parser, ts-morph and dbus-next are in one module each", () => {
    for (const name of PACKAGES_WITH_ONE_IMPORTER) {
      expect([...imports].filter(([, { packages }]) => packages.includes(name)).map(([path]) => path)).toHaveLength(1);
    }
  });
});

test("only the command line and the frame of programs print", () => {
  const printing = [...modules].filter(([, source]) => prints(source)).map(([path]) => path);
  expect(printing.filter((path) => !PRINTING.some((allowed) => path.startsWith(allowed)))).toEqual([]);
});

/** Paths of all modules of a package, relative to the root. */
function sourcesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return NOT_SOURCES.has(entry.name) ? [] : sourcesBelow(path);
    return path.endsWith(".ts") ? [path] : [];
  });
}

function parse(path: string): ts.SourceFile {
  return ts.createSourceFile(path, readFileSync(join(ROOT, path), "utf8"), ts.ScriptTarget.Latest, true);
}

interface Imports {
  /** Paths of imported modules of the same package. */
  readonly modules: readonly string[];
  /** Names of imported packages. */
  readonly packages: readonly string[];
}

function importsOf(path: string, source: ts.SourceFile): Imports {
  const specifiers = ts.preProcessFile(source.text, true, true).importedFiles.map(({ fileName }) => fileName);
  const relative = specifiers.filter((specifier) => specifier.startsWith("."));
  return {
    modules: relative
      .map((specifier) => join(path, "..", specifier).replace(/\.js$/, ".ts"))
      .filter((imported) => modules.has(imported)),
    packages: specifiers.filter((specifier) => !specifier.startsWith(".")),
  };
}

function importsBetween(folder: string, isForbidden: (imported: string) => boolean): string[] {
  return [...imports]
    .filter(([path]) => path.startsWith(folder))
    .flatMap(([path, found]) => found.modules.filter(isForbidden).map((imported) => `${path} -> ${imported}`));
}

/** Returns the strongly connected components of the import graph that are cycles (Tarjan's algorithm). */
function cycles(): string[][] {
  const indexes = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const components: string[][] = [];
  const visit = (path: string): number => {
    const index = indexes.size;
    indexes.set(path, index);
    lowest.set(path, index);
    stack.push(path);
    const { modules: imported = [] } = imports.get(path) ?? {};
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
  for (const path of imports.keys()) if (!indexes.has(path)) visit(path);
  return components.sort();
}

/** Whether a module uses `console`, or `stdout` or `stderr` of `process`. */
function prints(source: ts.SourceFile): boolean {
  let found = false;
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && node.text === "console") found = true;
    if (ts.isPropertyAccessExpression(node) && /^process\.std(out|err)$/.test(node.getText(source))) found = true;
    if (ts.isVariableDeclaration(node) && node.initializer?.getText(source) === "process") {
      found ||= /\bstd(out|err)\b/.test(node.name.getText(source));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}
