import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { main } from "../../../generator/cli/main.ts";
import { ROOT } from "../../generator/support.ts";
import { startPrivateBus } from "../../setup/private-bus.ts";

/**
 * Matches a command line that only runs `dbus-codegen`, without a pipe or redirection. It may end with an `echo` of the
 * exit code or, after success, of a text.
 */
const ALONE =
  /^dbus-codegen (?<args>(?:"[^"$`\\]*"|'[^']*'|[\w./:=,@-]|\s|\\\n)+?)(?:; echo "(?<always>[^"$]*)\$\?"| && echo (?<text>[\w ]+))?\n$/;

const FENCE = /(?:`(?<path>[\w./-]+)`[^`\n]*:\n\n)?^(?<fence>`{3,})(?<language>\w*)\n(?<text>[\s\S]*?)^\k<fence>$/gm;

/**
 * Follows a page of the documentation in an empty folder with a private session bus. A file whose name precedes a code
 * block is written. A line after `$` in a `console` block is executed. In expected output, a line `…` matches any
 * lines; durations, times and unique names match any other duration, time and unique name. This clone is shown as
 * `~/dbus-codegen-ts`. Most runs of `dbus-codegen` are calls of its main function, because a process takes ten times as
 * long to start. Processes are used for the first run of the command that the page is named after, and for lines with a
 * pipe or a redirection.
 *
 * @param hasPackages - Whether programs in the folder can import the packages of this clone.
 * @returns The page with the actual output.
 */
export async function followPage(path: string, hasPackages = false): Promise<string> {
  const page = await readFile(path, "utf8");
  const folder = await mkdtemp(join(tmpdir(), "page-"));
  await using bus = await startPrivateBus();
  const env = { ...process.env, ...environment(folder), DBUS_SESSION_BUS_ADDRESS: bus.address };
  const shell: PageShell = { cwd: folder, env, isCall: isLaterRun(basename(path, ".md")) };
  if (hasPackages) await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
  let followed = "";
  let end = 0;
  try {
    for (const found of page.matchAll(FENCE)) {
      const { path: name, language, text = "" } = found.groups ?? {};
      const start = found.index + found[0].lastIndexOf(text);
      if (name !== undefined) await write(join(folder, name), text);
      if (language !== "console") continue;
      followed += page.slice(end, start) + (await followConsole(text, shell));
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
    // The compiler itself, not a program in its place.
    PATH: `${join(ROOT, "node_modules/typescript/bin")}:${join(ROOT, "node_modules/.bin")}:${PATH}`,
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

/** What executes the lines of a page. */
interface PageShell {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Returns whether `dbus-codegen` is run by a call of its main function, not as a process. */
  isCall(argv: readonly string[]): boolean;
}

/** Returns a function that returns false for the first run of `command`, and true for all other runs. */
function isLaterRun(command: string): (argv: readonly string[]) => boolean {
  const seen = new Set<string>();
  return ([name = ""]) => {
    if (name !== command || seen.has(name)) return true;
    seen.add(name);
    return false;
  };
}

async function followConsole(text: string, shell: PageShell): Promise<string> {
  let followed = "";
  for (const step of text.split(/^(?=\$ )/m)) {
    const [, command = "", expected = ""] = /^\$ ((?:.*\\\n)*.*\n)([\s\S]*)$/.exec(step) ?? [];
    const printed = await printedBy(command, shell);
    followed += `$ ${command}${matches(expected, printed) ? expected : printed}`;
  }
  return followed;
}

async function printedBy(command: string, shell: PageShell): Promise<string> {
  const { args = "", always, text } = ALONE.exec(command)?.groups ?? {};
  const argv = (args.match(/(?:"[^"]*"|'[^']*'|[^\s"'\\])+/g) ?? []).map((word) =>
    word.replace(/["'](.*?)["']/g, "$1"),
  );
  if (argv.length === 0 || argv[0] === "mock" || !shell.isCall(argv)) return printedByProcess(command, shell);
  const { printed, code } = await call(argv, shell);
  const after = always === undefined ? (text ?? "") : `${always}${code}`;
  return shown(printed + (after === "" || (always === undefined && code !== 0) ? "" : `${after}\n`));
}

/** Runs the command line in this process with another environment. Returns the text of both output streams. */
async function call(argv: readonly string[], { cwd, env }: PageShell): Promise<{ printed: string; code: number }> {
  const previous = process.env;
  const printed: string[] = [];
  const print = (text: string): void => void printed.push(text);
  process.env = env;
  try {
    const surroundings = {
      cwd,
      writeOutput: print,
      writeError: print,
      colorError: false,
      stdin: async function* () {},
    };
    const code = await main(argv, surroundings);
    return { printed: printed.join(""), code };
  } finally {
    process.env = previous;
  }
}

function printedByProcess(command: string, { cwd, env }: PageShell): Promise<string> {
  return new Promise((resolve) => {
    execFile("bash", ["-c", `exec 2>&1\n${command}`], { cwd, env, timeout: 250_000 }, (_, stdout) =>
      resolve(shown(stdout)),
    );
  });
}

/** Returns output in which the folder of this clone is `~/dbus-codegen-ts/`. */
function shown(output: string): string {
  return output.replaceAll(ROOT, "~/dbus-codegen-ts/");
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
