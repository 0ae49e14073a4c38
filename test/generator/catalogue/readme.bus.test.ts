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

/** Declarations for examples: functions of the reader's program, which examples use and do not define. */
const USER =
  "declare function askUser(question: string): Promise<string>;\ndeclare function stopMusic(): Promise<void>;\n";

const catalogue = await readCatalogue();

beforeAll(() => {
  mkdirSync(PROGRAMS, { recursive: true });
  for (const api of catalogue) writeFileSync(programPath(api), withSources(api, block(api, "ts"), "../../../.."));
  bundlePrograms(catalogue.map(programPath));
});

test("the programs of the READMEs compile, also with each example that continues them", async () => {
  const files = catalogue.flatMap((api) => {
    const program = block(api, "ts");
    const examples = blocks(api, "typescript").map((example) => `${program}${USER}${example}`);
    return [program, ...examples].map((text, index) => ({
      path: `${api.name}-${index}.ts`,
      text: withSources(api, text, ROOT),
    }));
  });
  expect(files.length).toBeGreaterThan(catalogue.length);
  expect(await compile(files)).toEqual([]);
});

test("the README of the repository shows the program of a package in ten lines", () => {
  const notifications = catalogue.find(({ name }) => name === "notifications");
  const [program = ""] = codeOf(join(ROOT, "README.md"), "ts");
  expect(program).toBe(notifications && block(notifications, "ts"));
  expect(program.split("\n").filter((line) => line !== "")).toHaveLength(10);
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

/** Returns the path of a file with the program of a README. */
const programPath = ({ name }: Api): string => join(PROGRAMS, `${name}.ts`);

/** Returns a program of a README with imports that lead to the sources. */
function withSources({ name: apiName }: Api, program: string, root: string): string {
  const folder = `${root}/generator/catalogue/${apiName}`;
  const name = `@dbus-codegen-ts/${apiName}`;
  return program
    .replaceAll(`"${name}"`, `"${folder}/index.js"`)
    .replaceAll(new RegExp(`"${name}/(.+)"`, "g"), `"${folder}/generated/$1.js"`);
}

/** Returns the first code block of a language in the README of an API. */
function block(api: Api, language: string): string {
  return blocks(api, language)[0] ?? "";
}

/** Returns the code blocks of a language in the README of an API. */
function blocks({ folder }: Api, language: string): readonly string[] {
  return codeOf(join(folder, "README.md"), language);
}

/** Returns the code blocks of a language in a file. */
function codeOf(path: string, language: string): readonly string[] {
  const fence = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm");
  return [...readFileSync(path, "utf8").matchAll(fence)].map(([, text = ""]) => text);
}
