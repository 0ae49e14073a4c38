import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import { shellWord } from "../../../generator/compiler/text/escape.ts";
import { type Api, readCatalogue } from "../../../generator/tools/catalogue/catalogue.ts";
import { startPrivateBus } from "../../setup/private-bus.ts";
import { bundlePrograms, programArguments } from "../../setup/program.ts";
import { compile } from "../compile.ts";
import { cli, ROOT, temporaryFolder } from "../support.ts";

const PROGRAMS = join(ROOT, "node_modules/.cache/test-programs/readmes");

const catalogue = await readCatalogue();

beforeAll(() => {
  mkdirSync(PROGRAMS, { recursive: true });
  for (const api of catalogue) writeFileSync(programPath(api), programOf(api, "../../../.."));
  bundlePrograms(catalogue.map(programPath));
});

test("the programs of the READMEs compile", async () => {
  const files = catalogue.map((api) => ({ path: `${api.name}.ts`, text: programOf(api, ROOT) }));
  expect(await compile(files)).toEqual([]);
});

const [mocked, others] = [true, false].map((isMocked) =>
  catalogue
    .filter(({ folder }) => existsSync(join(folder, "mock.yaml")) === isMocked)
    .map((api) => [api.name, api] as const),
);

test.each(mocked ?? [])(
  "the program in the README of %s prints its output with the mock of the package",
  async (_, api) => {
    const output = join(await temporaryFolder(), "output");
    const [busName = ""] = api.names;
    const { err, code } = await cli(
      api.folder,
      ...["mock", "specs", "--overlay", "overlays", "--values", "mock.yaml", "--config", "none"],
      ...["--name", busName.replace(/\*$/, "example")],
      ...[
        "--run",
        `exec ${[process.execPath, ...programArguments(programPath(api))].map(shellWord).join(" ")} > ${shellWord(output)}`,
      ],
    );
    expect([code, code === 0 ? "" : err]).toEqual([0, ""]);
    expect(await readFile(output, "utf8")).toBe(block(api, "text"));
  },
);

test.each(others ?? [])("the program in the README of %s prints its output on a new bus", async (_, api) => {
  const args = programArguments(programPath(api));
  await using bus = await startPrivateBus();
  const env = { ...process.env, DBUS_SESSION_BUS_ADDRESS: bus.address };
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  expect(stdout).toBe(block(api, "text"));
});

/** Path of a file with the program of a README. */
const programPath = ({ name }: Api): string => join(PROGRAMS, `${name}.ts`);

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
