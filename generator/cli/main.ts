import { commandHelp, GLOBAL_FLAGS, readArguments } from "./commands/command.ts";
import { COMMANDS } from "./commands/registry.ts";
import { packageVersion } from "./run/package-versions.ts";
import { EXIT, type Shell } from "./shell.ts";
import { UsageError } from "./usage-error.ts";

const HELP = `Typed D-Bus clients and services for TypeScript, generated from introspection XML.

Usage:
  dbus-codegen <command> …

Commands:
${Object.entries(COMMANDS)
  .map(([name, { summary }]) => `  ${name.padEnd(14)}${summary}\n`)
  .join("")}
dbus-codegen <command> --help tells more.

Exit code: 0 fine, 1 findings: errors in specs, stale output, 2 wrong usage or an internal error.
`;

/** Runs the command line and gives its exit code. */
export async function main(argv: readonly string[], shell: Shell = processShell()): Promise<number> {
  try {
    return await run(argv, shell);
  } catch (error) {
    if (error instanceof UsageError || isSystemError(error)) shell.writeError(`dbus-codegen: ${error.message}\n`);
    else
      shell.writeError(
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
  const [name, ...rest] = argv;
  if (name === undefined || name.startsWith("-")) return runGlobal(argv, shell);
  const entry = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (entry === undefined) throw new UsageError(unknownCommand(name));
  const command = await entry.load();
  const { flags, positionals } = readArguments({ ...command.flags, ...GLOBAL_FLAGS }, rest);
  if (flags.version) return showVersion(shell);
  if (flags.help) {
    shell.writeOutput(commandHelp(command, GLOBAL_FLAGS));
    return EXIT.fine;
  }
  return command.run({ flags, positionals }, shell);
}

function runGlobal(argv: readonly string[], shell: Shell): number {
  const { flags } = readArguments(GLOBAL_FLAGS, argv);
  if (flags.version) return showVersion(shell);
  shell.writeOutput(HELP);
  return flags.help ? EXIT.fine : EXIT.usage;
}

function showVersion(shell: Shell): number {
  shell.writeOutput(`${packageVersion()}\n`);
  return EXIT.fine;
}

function unknownCommand(name: string): string {
  const names = Object.keys(COMMANDS);
  return `"${name}" is not a command; ${names.length === 1 ? "the command is" : "the commands are"} ${names.join(", ")}, and --help tells more`;
}

function processShell(): Shell {
  const { stdout, stderr, stdin } = process;
  return {
    cwd: process.cwd(),
    writeOutput: (text) => void stdout.write(text),
    writeError: (text) => void stderr.write(text),
    color: wantsColor(stderr.isTTY),
    colorOut: wantsColor(stdout.isTTY),
    terminal: stderr.isTTY && process.env["TERM"] !== "dumb" ? stderr : undefined,
    stdin: () => stdin,
    interrupted: () =>
      new Promise((resolve) => {
        for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
      }),
  };
}

/** Whether a stream is coloured: NO_COLOR forbids it, FORCE_COLOR asks for it or, as 0, forbids it, else a terminal has it. */
function wantsColor(isTerminal: boolean): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR) return false;
  return FORCE_COLOR ? !["0", "false"].includes(FORCE_COLOR) : isTerminal && TERM !== "dumb";
}
