import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { analyze, assignNames, type Diagnostic, Diagnostics, lint, render, type Source } from "dbus-codegen-ts";
import { describe, expect, test } from "vitest";
import type { Argument, Ir } from "../../../generator/compiler/resolve/ir.ts";
import { keysOf, typesOf } from "../../../generator/compiler/resolve/walk.ts";
import { type Api, readCatalogue } from "../../../generator/tools/catalogue/catalogue.ts";
import { dictionaryPercent, hasUndeclaredDictionary } from "../../../generator/tools/lint/dictionary-count.ts";

/** Required percentage of declared dictionaries over all APIs. */
const REQUIRED_PERCENT = 90;

const catalogue = await readCatalogue();

describe.each(catalogue.map((api) => [api.name, api] as const))("%s", (_, api) => {
  const sources = sourcesOf(api);
  const diagnostics = new Diagnostics();
  const { ir } = analyze(sources, diagnostics);
  assignNames(ir, diagnostics);

  test("the overlays fit the specs, no name is changed, and each warning about a name has a reason in api.json", () => {
    const reported = diagnostics.sorted().map((diagnostic) => ({ diagnostic, key: keyOf(diagnostic) }));
    const unexpected = reported.filter(({ key }) => api.warnings[key] === undefined);
    expect(
      render(
        unexpected.map(({ diagnostic }) => diagnostic),
        "plain",
      ),
    ).toBe("");
    expect(reported.map(({ key }) => key).toSorted()).toEqual(Object.keys(api.warnings).toSorted());
  });

  test("each dictionary without declared keys has a reason in api.json, and no other value has one", () => {
    expect(undeclared(ir)).toEqual(Object.keys(api.untyped).toSorted());
  });

  test("each named type, key, field and value is documented", () => {
    expect(undocumented(ir)).toEqual([]);
  });

  test("each spec is named after its interface and has no documentation of the service's authors", () => {
    const files = sources.filter(({ isOverlay }) => !isOverlay).map(({ path }) => path.replace(/^.*\//, ""));
    expect(files.toSorted()).toEqual(ir.interfaces.map(({ name }) => `${name}.xml`).toSorted());
    const plain = new Diagnostics();
    const { ir: specs } = analyze(
      sources.filter(({ isOverlay }) => !isOverlay),
      plain,
    );
    expect(specs.interfaces.filter(({ doc }) => doc.blocks.length > 0)).toEqual([]);
  });

  test("the README contains a program and its output, and names the package, the guide and the command", () => {
    const readme = readFileSync(join(api.folder, "README.md"), "utf8");
    expect(readme).toMatch(/^```ts\n[\s\S]*?^```$/m);
    expect(readme).toMatch(/^```text\n[\s\S]*?^```$/m);
    expect(readme).toContain(`# @dbus-codegen-ts/${api.name}\n`);
    expect(readme).toContain(`dbus-codegen add ${api.name}`);
    expect(readme).toContain("](../../../docs/runtime.md)");
    // A bus cannot be a mock.
    expect(existsSync(join(api.folder, "mock.yaml"))).toBe(api.name !== "message-bus");
  });
});

test("at least 90 % of the dictionaries of all APIs are declared", () => {
  const counts = catalogue.map((api) => lint(sourcesOf(api)).dictionaries ?? { declared: 0, empty: 0, all: 0 });
  const sum = counts.reduce((a, b) => ({
    declared: a.declared + b.declared,
    empty: a.empty + b.empty,
    all: a.all + b.all,
  }));
  expect(dictionaryPercent(sum)).toBeGreaterThanOrEqual(REQUIRED_PERCENT);
});

/** Returns the code of a diagnostic and the name that it quotes. */
function keyOf({ code, message }: Diagnostic): string {
  return `${code} ${/"(.+?)"/.exec(message)?.[1] ?? ""}`;
}

function sourcesOf({ folder, name }: Api): readonly Source[] {
  return ["specs", "overlays"].flatMap((part) => {
    const path = join(folder, part);
    if (!existsSync(path)) return [];
    return readdirSync(path)
      .toSorted()
      .map((file) => ({
        path: `${name}/${part}/${file}`,
        content: readFileSync(join(path, file)),
        isOverlay: part === "overlays",
      }));
  });
}

/** Returns the addresses of the arguments and properties whose dictionaries are not declared. */
function undeclared({ interfaces }: Ir): readonly string[] {
  const ofArguments = (address: string, args: readonly Argument[]): readonly string[] =>
    args.flatMap(({ name, type }, index) => (hasUndeclaredDictionary(type) ? [`${address}[${name || index}]`] : []));
  return interfaces
    .flatMap((iface) => [
      ...iface.methods.flatMap(({ name, in: inputs, out }) =>
        ofArguments(`${iface.name}.${name}()`, [...inputs, ...out]),
      ),
      ...iface.signals.flatMap(({ name, args }) => ofArguments(`${iface.name}::${name}`, args)),
      ...iface.properties
        .filter(({ type }) => hasUndeclaredDictionary(type))
        .map(({ name }) => `${iface.name}:${name}`),
    ])
    .toSorted();
}

/** Returns the names of types, and of their keys, members and values, that have no documentation. */
function undocumented(ir: Ir): readonly string[] {
  return typesOf(ir).flatMap((type) => {
    const parts =
      type.kind === "dictionary"
        ? keysOf(type)
        : type.kind === "struct"
          ? type.members
          : type.kind === "enum" || type.kind === "flags"
            ? type.values
            : [];
    const missing = parts.filter(({ doc }) => doc.blocks.length === 0).map((part) => `${type.name}.${part.name}`);
    return [...(type.doc.blocks.length === 0 ? [type.name] : []), ...missing];
  });
}
