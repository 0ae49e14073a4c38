import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { EXIT, type Shell, UsageError } from "./commands/shell.ts";
import { FORMATS } from "./diagnostics/render.ts";

interface Flag {
  readonly type: "string" | "boolean";
  readonly short?: string;
  /** Placeholder of a value in the help text. */
  readonly value?: string;
  readonly values?: readonly string[];
  readonly help: string;
}

/** Flags of `generate`: parsing, checks and help come from this table. */
const GENERATE_FLAGS = {
  out: { type: "string", short: "o", value: "<folder>", help: "where the generated modules go" },
  check: { type: "boolean", help: "compare only: print a diff and exit 1 if anything would change" },
  "dry-run": { type: "boolean", help: "say what would be written, write nothing" },
  format: {
    type: "string",
    value: "<format>",
    values: FORMATS,
    help: "how diagnostics are written: frame (default), plain, json or github",
  },
  "import-extension": {
    type: "string",
    value: "<ending>",
    values: [".js", ".ts", "none"],
    help: "ending of imports between generated modules: .js (default), .ts or none",
  },
} as const satisfies Record<string, Flag>;

const GLOBAL_FLAGS = {
  help: { type: "boolean", short: "h", help: "show this help" },
  version: { type: "boolean", short: "V", help: "show the version" },
} as const satisfies Record<string, Flag>;

const FLAGS = { ...GENERATE_FLAGS, ...GLOBAL_FLAGS };

const HELP = `Generates typed D-Bus clients and services for TypeScript from introspection XML.

Usage:
  dbus-codegen generate <specs…> -o <folder>

  <specs…> are .xml files, folders with .xml files below them, or - for standard input.

Flags:
${Object.entries<Flag>(FLAGS).map(helpLine).join("\n")}

Exit code: 0 fine, 1 errors in specs or stale output, 2 wrong usage or an internal error.

Example:
  dbus-codegen generate specs -o generated
`;

/** Runs the command line and gives its exit code. */
export async function main(argv: readonly string[], shell: Shell = processShell()): Promise<number> {
  try {
    return await run(argv, shell);
  } catch (error) {
    if (error instanceof UsageError || isSystemError(error)) shell.talk(`dbus-codegen: ${error.message}\n`);
    else
      shell.talk(
        `dbus-codegen: internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
      );
    return EXIT.usage;
  }
}

/** Whether an error is the system's answer, such as to a write into a folder that is a file: no bug of ours. */
function isSystemError(error: unknown): error is Error {
  return error instanceof Error && "syscall" in error;
}

async function run(argv: readonly string[], shell: Shell): Promise<number> {
  const { values, positionals } = parse(argv);
  if (values.version) {
    shell.out(`${packageVersion()}\n`);
    return EXIT.fine;
  }
  if (values.help || argv.length === 0) {
    shell.out(HELP);
    return values.help ? EXIT.fine : EXIT.usage;
  }
  const [command, ...specs] = positionals;
  if (command !== "generate")
    throw new UsageError(`"${command ?? ""}" is not a command; the command is generate, and --help tells more`);
  if (specs.length === 0) throw new UsageError("name the specs: dbus-codegen generate <specs…> -o <folder>");
  if (values.out === undefined)
    throw new UsageError("name the output folder: dbus-codegen generate <specs…> -o <folder>");
  if (values.check && values["dry-run"]) throw new UsageError("--check and --dry-run exclude each other");
  const format = choice(values.format ?? "frame", GENERATE_FLAGS.format.values, "--format");
  const ending = choice(
    values["import-extension"] ?? ".js",
    GENERATE_FLAGS["import-extension"].values,
    "--import-extension",
  );
  const { runGenerate } = await import("./commands/generate.ts");
  const mode = values.check ? "check" : values["dry-run"] ? "dry-run" : "write";
  return runGenerate({ specs, out: values.out, mode, format, importExtension: ending === "none" ? "" : ending }, shell);
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: FLAGS, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function choice<T extends string>(value: string, values: readonly T[], flag: string): T {
  const found = values.find((one) => one === value);
  if (found === undefined) throw new UsageError(`${flag} is one of ${values.join(", ")}, not "${value}"`);
  return found;
}

function helpLine([name, { short, value, help }]: readonly [string, Flag]): string {
  const flag = `${short === undefined ? "    " : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`;
  return `  ${flag.padEnd(34)}${help}`;
}

function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
    readonly version: string;
  };
  return version;
}

function processShell(): Shell {
  const { env, stdout, stderr, stdin } = process;
  return {
    cwd: process.cwd(),
    out: (text) => void stdout.write(text),
    talk: (text) => void stderr.write(text),
    color: !env["NO_COLOR"] && (Boolean(env["FORCE_COLOR"]) || stderr.isTTY),
    stdin: () => stdin,
  };
}
