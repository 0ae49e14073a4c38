import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Api, readCatalogue } from "../../../generator/tools/catalogue/catalogue.ts";
import { programArguments } from "../../setup/program.ts";
import { compile } from "../compile.ts";
import { cli, ROOT, temporaryFolder } from "../support.ts";

const PROGRAMS = join(ROOT, "node_modules/.cache/test-programs/readmes");

const catalogue = await readCatalogue();

test("the programs of the READMEs compile", () => {
  const files = catalogue.map((api) => ({ path: `${api.name}.ts`, text: programOf(api, "..") }));
  expect(compile(files)).toEqual([]);
});

test.each(catalogue.map((api) => [api.name, api] as const))(
  "the program in the README of %s prints its output with the mock of the package",
  async (name, api) => {
    mkdirSync(PROGRAMS, { recursive: true });
    const program = join(PROGRAMS, `${name}.ts`);
    writeFileSync(program, programOf(api, "../../../.."));
    const output = join(await temporaryFolder(), "output");
    const [busName = ""] = api.names;
    const { err, code } = await cli(
      api.folder,
      ...["mock", "specs", "--overlay", "overlays", "--values", "mock.yaml", "--config", "none"],
      ...["--name", busName.replace(/\*$/, "example")],
      ...["--run", `exec ${[process.execPath, ...programArguments(program)].join(" ")} > ${output}`],
    );
    expect([code, code === 0 ? "" : err]).toEqual([0, ""]);
    expect(await readFile(output, "utf8")).toBe(block(api, "text"));
  },
);

/** Returns the program of a README, whose imports lead to the sources. */
function programOf(api: Api, root: string): string {
  const folder = `${root}/generator/catalogue/${api.name}`;
  const name = `@dbus-codegen-ts/${api.name}`;
  return block(api, "ts")
    .replaceAll(`"${name}"`, `"${folder}/index.js"`)
    .replaceAll(new RegExp(`"${name}/(.+)"`, "g"), `"${folder}/generated/$1.js"`);
}

/** Returns the first block of a language in the README. */
function block({ folder }: Api, language: string): string {
  const readme = readFileSync(join(folder, "README.md"), "utf8");
  return new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "m").exec(readme)?.[1] ?? "";
}
