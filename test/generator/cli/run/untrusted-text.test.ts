import { mkdir, mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { main } from "../../../../generator/cli/main.ts";
import { toLog } from "../../../../generator/vite/bundler-log.ts";
import { anyText } from "../../../setup/any-text.ts";
import { runs } from "../../../setup/runs.ts";
import { run, spec, temporaryFolder } from "../../support.ts";

/** Characters that no output contains: invisible ones, line ends except `\n`, and those that change the direction of text. */
const HIDDEN = /[^\P{Cc}\n\t]|[\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]/gu;
/** Colours, which are used only on request. */
const COLOR = /\u001B\[(?:1|22|31|33|36|39)m/g;
/** Commands of CI services: at the beginning of a line in GitHub's format, anywhere in older formats. */
const COMMAND = /^\s*::(?!(?:error|warning|notice) file=)|^FORGED|##\w*\[/m;

const HOSTILE = [
  ..."\u202A\u202B\u202C\u202D\u202E\u2066\u2067\u2068\u2069\u061C\u200B\u200E\u200F\u00AD\u180E\u2060\u206F\uFEFF",
  ..."\u3164\u115F\u1160\uFFA0\u2028\u2029\u0085\u009B\u007F\u{E0041}\u{E0001}\uFE0F\u{E0100}\uFFF9\u034F",
  ...["\u001B[2J", "\u001B]0;x\u0007", "\r\u001B[K", "\nFORGED", "\n::error::x", "::error::x", "::stop-commands::x"],
  ...[
    "##[error]x",
    "##vso[task.complete]",
    "##teamcity[x]",
    "\uD800",
    "\uDC00",
    "\0",
    "\n",
    "*/",
    "-->",
    "`",
    '"',
    "%",
  ],
];
const texts = fc
  .array(fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...HOSTILE) }, anyText({ maxLength: 4 })), {
    minLength: 1,
    maxLength: 6,
  })
  .map((parts) => parts.join(""));

/** Returns a text as XML character references, without characters that XML does not allow. */
const xml = (text: string): string =>
  Array.from(
    text.replace(/[\0-\u0008\v\f\u000E-\u001F\p{Cs}\uFFFE\uFFFF]/gu, ""),
    (c) => `&#${c.codePointAt(0)};`,
  ).join("");

/** Returns a spec with a text wherever a spec can contain any text. */
function hostileSpec(text: string): string {
  const x = xml(text);
  const doc = `<tp:docstring>${x} <b>${x}</b> <tt>${x}</tt><pre>${x}\n${x}</pre><ul><li>${x}</li></ul></tp:docstring>`;
  return spec(
    `${doc}<annotation name="${x}" value="${x}"/><annotation name="a.b" value="${x}"/>` +
      `<method name="M">${doc}<arg name="${x}" type="s">${doc}</arg><arg name="d" type="a{sv}" tp:type="D"/></method>` +
      `<property name="P" type="s" access="readwrite"><tp:deprecated version="${x}"/>${doc}</property>` +
      `<tp:enum name="E" type="s"><tp:enumvalue suffix="a${x}" value="${x}">${doc}</tp:enumvalue></tp:enum>` +
      `<dct:dictionary name="D"><dct:key name="${x}" type="s" default="${x}" since="${x}">${doc}</dct:key></dct:dictionary>`,
  );
}

/** Returns a spec with a text where only names and signatures are valid. */
function invalidSpec(text: string): string {
  const x = xml(text);
  return `<node name="${x}"><interface name="a.b.${x}"><method name="${x}"><arg type="${x}"/></method><x${x.length}/>\n${x}</interface></node>`;
}

/** Returns command lines for a text, a file name with it, and a folder with hostile specs. */
const commandLines = (text: string, file: string): readonly (readonly string[])[] => {
  const formats = ["frame", "plain", "json", "github", "sarif"] as const;
  const ofFormats = (...argv: readonly string[]) => formats.map((format) => [...argv, "--format", format]);
  return [
    ...ofFormats("generate", "valid", "-o", "out"),
    ...ofFormats("generate", "invalid", "-o", "out"),
    ["generate", "valid", "-o", "out", "--check"],
    ["generate", "stale", "-o", "out", "--check"],
    ["generate", `valid/${file}`, "-o", file, "--dry-run"],
    ["generate", "valid", "-o", "out2", "--rename", `${text}=${text}`, "--annotate", `${text} ${text}=${text}`],
    ["generate", "valid", "-o", "out3", "--runtime-module", text],
    ["generate", "valid", "-o", "out4", "--deps", "deps", "--deps-target", text],
    ["generate", text, "-o", text],
    ["generate", "valid", "--config", "config.json"],
    ["generate", "valid", "--config", "broken.json"],
    ["generate", "valid", "--config", text],
    ["generate", "valid", `--${text}`, "--target", text],
    ...ofFormats("lint", "valid"),
    ["lint", "valid", "--rule", `${text}=${text}`, "--max-warnings", text],
    ...ofFormats("breaking", "valid", "--against", "invalid"),
    ...ofFormats("breaking", "valid", "--against", "stale"),
    ["breaking", "valid", "--against", text],
    ["docs", "valid", "-o", "html", "--title", text],
    ["docs", "valid", "-o", "markdown", "--format", "markdown", "--title", text],
    ["docs", "stale", "-o", "html", "--check"],
    ["docs", "stale", "-o", "markdown", "--format", "markdown", "--check"],
    ["explain", text],
    ["completion", text],
    ["init", file],
    ["init", "service", text],
    ["init", "service", "a.b.C", "service", "--spec", "valid"],
    ["introspect", text, text],
    ["introspect", "a.b", "/", "--bus", text],
    ["conform", text, text, "valid"],
    ["conform", "a.b", "/a", "valid", "--call", `a.b.C.M=[${JSON.stringify(text)}`, "--interface", text],
    ["mock", "valid", "--name", text, "--path", text],
    ["mock", "valid", "--values", "script.yaml"],
    ["mock", "valid", "--values", text],
    [text],
    [`-${text}`],
  ].map((argv) => argv.map((argument) => argument.replaceAll("\0", "")));
};

describe("hidden characters and commands of CI services in texts from outside", () => {
  // Each half in a separate test, because the commands take seconds on a busy machine.
  test.each([
    ["the first known ones", HOSTILE.slice(0, 33)],
    ["the other known ones", HOSTILE.slice(33)],
  ])("%s occur in no output of a command and in no file that it writes", async (_, parts) => {
    await expectHarmless(await temporaryFolder(), parts.join(""));
  });

  test("random ones occur in no output of a command and in no file that it writes", async () => {
    const parent = await temporaryFolder();
    const property = fc.asyncProperty(texts, async (text) => {
      await expectHarmless(await mkdtemp(join(parent, "run-")), text);
    });
    await fc.assert(property, { numRuns: runs(3) });
  });

  test("do not occur in logs of bundlers", async () => {
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        const { diagnostics } = await run({ [`${text}.xml`]: invalidSpec(text) });
        for (const diagnostic of diagnostics) {
          const { message, frame = "" } = toLog(diagnostic, "/");
          expect(`${message}\n${frame}`.match(HIDDEN) ?? []).toEqual([]);
          expect(`${message}\n${frame}`).not.toMatch(COMMAND);
        }
      }),
      { numRuns: runs(30) },
    );
  });
});

/**
 * Runs all commands with a text in an empty folder. Expects that their output and the files that they write contain no
 * hidden characters and no commands of CI services.
 */
async function expectHarmless(cwd: string, text: string): Promise<void> {
  const file = `${text.replace(/[\0/]/g, "").slice(0, 60)}.xml`;
  const files = { valid: hostileSpec(text), invalid: invalidSpec(text), stale: hostileSpec(`${text}stale`) };
  for (const [folder, content] of Object.entries(files)) {
    await mkdir(join(cwd, folder));
    await writeFile(join(cwd, folder, file), content);
  }
  await writeFile(join(cwd, "config.json"), JSON.stringify({ out: text, rename: { [text]: text }, [text]: text }));
  await writeFile(join(cwd, "broken.json"), `{"out": ${text}`);
  await writeFile(join(cwd, "script.yaml"), JSON.stringify({ [text]: text, objects: { [text]: [text] } }));
  for (const [index, argv] of commandLines(text, file).entries()) {
    const isColored = index % 2 === 0;
    const output = await outputOf(cwd, argv, isColored);
    const plain = isColored ? output.replace(COLOR, "") : output;
    expect(plain.match(HIDDEN) ?? [], `${JSON.stringify(argv)}\n${output}`).toEqual([]);
    expect(plain, JSON.stringify(argv)).not.toMatch(COMMAND);
    expect(plain, JSON.stringify(argv)).not.toContain("dbus-codegen: internal error");
  }
  // A project contains its specs unchanged.
  for (const [path, content] of await filesBelow(cwd, ["valid", "invalid", "stale", "service/specs"]))
    expect(content.match(HIDDEN) ?? [], path).toEqual([]);
}

async function outputOf(cwd: string, argv: readonly string[], isColored: boolean): Promise<string> {
  const written: string[] = [];
  const write = (text: string): void => void written.push(text);
  await main(argv, {
    cwd,
    writeOutput: write,
    writeError: write,
    colorError: isColored,
    colorOutput: isColored,
    stdin: async function* () {},
  });
  return written.join("");
}

/** Returns paths and texts of the files below a folder that commands have written. */
async function filesBelow(
  cwd: string,
  excluded: readonly string[],
): Promise<readonly (readonly [path: string, content: string])[]> {
  const entries = await readdir(cwd, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  // Packed packages are compressed. They contain no text from outside.
  const texts = paths.filter((path) => !path.endsWith(".tgz"));
  const written = texts.filter((path) => !excluded.some((folder) => path.startsWith(join(cwd, folder))));
  const inputs = ["config.json", "broken.json", "script.yaml", "deps"].map((name) => join(cwd, name));
  return Promise.all(
    written.filter((path) => !inputs.includes(path)).map(async (path) => [path, await readFile(path, "utf8")] as const),
  );
}
