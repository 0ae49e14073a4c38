import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ROOT } from "../../generator/support.ts";
import { startPrivateBus } from "../../setup/private-bus.ts";

const FENCE = /(?:`(?<path>[\w./-]+)`[^`\n]*:\n\n)?^(?<fence>`{3,})(?<language>\w*)\n(?<text>[\s\S]*?)^\k<fence>$/gm;

/**
 * Follows a page of the documentation in an empty folder with a private session bus. A file whose name precedes a code
 * block is written. A line after `$` in a `console` block is executed. In expected output, a line `…` matches any lines;
 * durations, times and unique names match any others. This clone is shown as `~/dbus-codegen-ts`.
 *
 * @param hasPackages - Whether programs in the folder can import the packages of this clone.
 * @returns The page with the actual output.
 */
export async function followPage(path: string, hasPackages = false): Promise<string> {
  const page = await readFile(path, "utf8");
  const folder = await mkdtemp(join(tmpdir(), "page-"));
  await using bus = await startPrivateBus();
  const env = { ...process.env, ...environment(folder), DBUS_SESSION_BUS_ADDRESS: bus.address };
  if (hasPackages) await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
  let followed = "";
  let end = 0;
  try {
    for (const found of page.matchAll(FENCE)) {
      const { path: name, language, text = "" } = found.groups ?? {};
      const start = found.index + found[0].lastIndexOf(text);
      if (name !== undefined) await write(join(folder, name), text);
      if (language !== "console") continue;
      followed += page.slice(end, start) + (await followConsole(text, folder, env));
      end = start + text.length;
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  return followed + page.slice(end);
}

function environment(folder: string): NodeJS.ProcessEnv {
  const { PATH } = process.env;
  return {
    PATH: `${join(ROOT, "node_modules/.bin")}:${PATH}`,
    HOME: folder,
    GIT_AUTHOR_NAME: "You",
    GIT_AUTHOR_EMAIL: "you@example.org",
    GIT_COMMITTER_NAME: "You",
    GIT_COMMITTER_EMAIL: "you@example.org",
  };
}

/** Returns the lines of a page outside of code blocks that contain a fence or HTML: signs of a block that ends too early. */
export function strayLines(page: string): readonly string[] {
  const prose = page.replace(FENCE, "");
  return prose.split("\n").filter((line) => /^`{3}|^<\/?[a-z]+/.test(line));
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

async function followConsole(text: string, cwd: string, env: NodeJS.ProcessEnv): Promise<string> {
  let followed = "";
  for (const step of text.split(/^(?=\$ )/m)) {
    const [, command = "", expected = ""] = /^\$ ((?:.*\\\n)*.*\n)([\s\S]*)$/.exec(step) ?? [];
    const printed = await printedBy(command, cwd, env);
    followed += `$ ${command}${matches(expected, printed) ? expected : printed}`;
  }
  return followed;
}

function printedBy(command: string, cwd: string, env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve) => {
    execFile("bash", ["-c", `exec 2>&1\n${command}`], { cwd, env, timeout: 60_000 }, (_, stdout) =>
      resolve(stdout.replaceAll(ROOT, "~/dbus-codegen-ts/")),
    );
  });
}

function matches(expected: string, printed: string): boolean {
  const parts = steady(expected).split(/^…\n/m).map(escaped);
  return new RegExp(`^${parts.join("(?:.*\\n)*?")}$`).test(steady(printed));
}

function steady(text: string): string {
  return text
    .replace(/\b[\d,]+ ms\b/g, "1 ms")
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "2020-01-01T00:00:00.000Z")
    .replace(/:1\.\d+/g, ":1.1");
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
