import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { withProgress } from "../../../../generator/cli/run/status-line.ts";
import type { Shell } from "../../../../generator/cli/shell.ts";
import { syntheticSpec } from "../../../bench/synthetic.ts";
import { ROOT, spec, temporaryFolder } from "../../support.ts";

const BIN = join(ROOT, "generator/bin/dbus-codegen.js");
const ERASE = "\r\u001B[K";

/** A shell that keeps what it is told. */
function fakeShell(terminal?: Shell["terminal"]): { readonly shell: Shell; readonly talk: string[] } {
  const talk: string[] = [];
  const shell: Shell = {
    cwd: "/",
    writeOutput: () => {
      throw new Error("progress is no result");
    },
    writeError: (one) => void talk.push(one),
    color: false,
    terminal,
    stdin: async function* () {},
  };
  return { shell, talk };
}

describe("a status line", () => {
  test("is not seen where work is quick", async () => {
    const { shell, talk } = fakeShell({ columns: 80 });
    const result = await withProgress(shell, (step) => {
      step("reading");
      return sleep(100, "done");
    });
    expect(result).toBe("done");
    await sleep(400);
    expect(talk).toEqual([]);
  });

  test("appears when work takes long, says what is going on last, and is erased at the end", async () => {
    const { shell, talk } = fakeShell({ columns: 80 });
    await withProgress(shell, async (step) => {
      step("reading");
      step("generating");
      await sleep(400);
      step("comparing");
    });
    expect(talk).toEqual([`${ERASE}generating`, `${ERASE}comparing`, ERASE]);
  });

  test("appears while work keeps the thread to itself, and is not written too often", async () => {
    const { shell, talk } = fakeShell({ columns: 80 });
    await withProgress(shell, async (step) => {
      const end = performance.now() + 600;
      for (let count = 1; performance.now() < end; count++) step(`module ${count}`);
    });
    expect(talk[0]).toMatch(/^\r\u001B\[Kmodule \d+$/);
    expect(talk.length).toBeGreaterThan(2);
    expect(talk.length).toBeLessThan(12);
    expect(talk.at(-1)).toBe(ERASE);
  });

  test("is erased before an error is told, and never wider than the terminal", async () => {
    const { shell, talk } = fakeShell({ columns: 10 });
    const work = withProgress(shell, async (step) => {
      step("a long story of many words");
      await sleep(400);
      throw new Error("no");
    });
    await expect(work).rejects.toThrow("no");
    expect(talk).toEqual([`${ERASE}a long st`, ERASE]);
  });

  test("is nothing where there is no terminal", async () => {
    const { shell, talk } = fakeShell();
    await withProgress(shell, async (step) => {
      step("reading");
      await sleep(400);
    });
    expect(talk).toEqual([]);
  });
});

/** Runs a command of the shell on a terminal of its own. */
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
  test("the line lives while much is generated, and the summary stands alone at the end", async () => {
    const folder = await temporaryFolder();
    for (let index = 0; index < 300; index++) await writeFile(join(folder, `${index}.xml`), syntheticSpec(index));
    const seen = await onTerminal(generate(". -o out"), folder);
    expect(seen).toMatch(/\r\u001B\[Kgenerating(: \d+ of 300 modules| from 300 specs)/);
    const lines = seen.split(ERASE);
    expect(lines.at(-1)).toMatch(/^300 written, 0 unchanged in \d+ ms\r\n$/);
    // The same into a file: nothing but the summary.
    const piped = await onTerminal(`${generate(". -o out2")} 2>&1 | cat`, folder);
    expect(piped).toMatch(/^300 written, 0 unchanged in \d+ ms\r\n$/);
  });

  test("diagnostics are coloured; NO_COLOR, FORCE_COLOR=0 and a dumb terminal forbid it", async () => {
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
