import { type Code, code } from "../../compiler/emit/model.ts";
import { stringLiteral } from "../../compiler/print/escape.ts";
import { Imports, isListing, isRef } from "../../compiler/print/imports.ts";

/** A module of statements, which people go on writing: a program, a test. */
export interface ModuleModel {
  /** First line, such as that of a program. */
  readonly head?: string;
  /** Import lines of Node and of other packages than the runtime's first entry, in order. */
  readonly imports: readonly string[];
  /** What the module declares or imports beside: names that nothing else may get. */
  readonly taken: readonly string[];
  /** Lines of the body. */
  readonly body: readonly Code[];
}

/** Writes a module as text; what its lines refer to is imported. */
export function moduleText({ head, imports, taken, body }: ModuleModel): string {
  const own = new Imports(
    {
      path: "",
      from: "",
      declarations: [
        ...taken.map((name) => ({ kind: "type", name, type: "" }) as const),
        { kind: "const", name: "", value: code(body) },
      ],
    },
    ".js",
  );
  const statements = [...own.statements()].map(({ from, isType, names }) => ({
    isRuntime: !from.startsWith("./"),
    text: `${isType ? "import type" : "import"} { ${names.join(", ")} } from ${stringLiteral(from)};`,
  }));
  const lines = [
    ...(head === undefined ? [] : [head]),
    ...imports.filter(isOfNode),
    ...statements.filter(({ isRuntime }) => isRuntime).map(({ text }) => text),
    ...imports.filter((line) => !isOfNode(line)),
    ...statements.filter(({ isRuntime }) => !isRuntime).map(({ text }) => text),
    "",
    ...body.map((line) => flat(line, own)),
  ];
  return `${lines.join("\n")}\n`;
}

function isOfNode(line: string): boolean {
  return line.endsWith('from "node:util";');
}

function flat(line: Code, imports: Imports): string {
  if (typeof line === "string") return line;
  if (isRef(line)) return imports.nameOf(line);
  if (isListing(line)) return line.open + line.items.map((item) => flat(item, imports)).join(", ") + line.close;
  return line.map((part) => flat(part, imports)).join("");
}
