import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { syntheticSpec } from "../../../bench/synthetic.ts";
import { ROOT, spec, temporaryFolder } from "../../support.ts";

const BIN = join(ROOT, "generator/bin/dbus-codegen.js");
const ERASE = "\r\u001B[K";

/** Runs a shell command on a pseudo terminal. */
async function onTerminal(command: string, cwd: string, env: Record<string, string> = {}): Promise<string> {
  const plain = { ...process.env, NO_COLOR: undefined, FORCE_COLOR: undefined, TERM: "xterm" };
  const child = spawn("script", ["-qec", command, "/dev/null"], {
    cwd,
    env: { ...plain, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  return text(child.stdout);
}

const generate = (rest: string): string => `"${process.execPath}" "${BIN}" generate ${rest}`;

describe("on a real terminal", () => {
  test("the line appears while many modules are generated, and only the summary remains at the end", async () => {
    // Enough modules that they take several times as long as the line waits.
    const COUNT = 60;
    const folder = await temporaryFolder();
    for (let index = 0; index < COUNT; index++) await writeFile(join(folder, `${index}.xml`), syntheticSpec(index));
    const seen = await onTerminal(generate(". -o out"), folder);
    expect(seen).toMatch(/\r\u001B\[Kgenerating(: \d+ of 60 modules| from 60 specs)/);
    const lines = seen.split(ERASE);
    expect(lines.at(-1)).toMatch(/^60 written, 0 unchanged in \d+ ms\r\n$/);
    // A pipe gets only the summary.
    const piped = await onTerminal(`${generate(". -o out2")} 2>&1 | cat`, folder);
    expect(piped).toMatch(/^60 written, 0 unchanged in \d+ ms\r\n$/);
  });

  test("diagnostics are coloured, except with NO_COLOR, FORCE_COLOR=0 or a dumb terminal", async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "a.xml"), spec(`<method name="1"/>`));
    const isColoured = async (env: Record<string, string>): Promise<boolean> =>
      (await onTerminal(generate("a.xml -o out"), folder, env)).includes("\u001B[31m");
    expect(await isColoured({})).toBe(true);
    expect(await isColoured({ NO_COLOR: "1" })).toBe(false);
    expect(await isColoured({ FORCE_COLOR: "0" })).toBe(false);
    expect(await isColoured({ TERM: "dumb" })).toBe(false);
    expect(await isColoured({ TERM: "dumb", FORCE_COLOR: "1" })).toBe(true);
    const results = await onTerminal(`${generate("a.xml -o out --format json")} 2>/dev/null`, folder);
    expect(JSON.parse(results)).toMatchObject({ diagnostics: [{ code: "name" }] });
  });
});
