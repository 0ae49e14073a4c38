import { nearestWord } from "../compiler/text/nearest-word.ts";
import { readArguments } from "./commands/arguments.ts";
import { type Command, GLOBAL_FLAGS } from "./commands/command.ts";
import { commandHelp, mainHelp } from "./commands/help.ts";
import { COMMANDS } from "./commands/registry.ts";
import { packageVersion } from "./run/package-versions.ts";
import { EXIT, processSurroundings, Shell } from "./shell.ts";
import { isSystemError, systemErrorMessage } from "./system-error.ts";
import { UsageError } from "./usage-error.ts";

/** Runs the command line and returns its exit code. */
export async function main(argv: readonly string[], surroundings = processSurroundings()): Promise<number> {
  const shell = new Shell(surroundings);
  try {
    return await run(argv, shell);
  } catch (error) {
    const [message = "", ...details] = errorLines(error);
    shell.printError([`dbus-codegen: ${message}`, ...details]);
    return EXIT.usage;
  }
}

/**
 * Returns the lines to print for an error. An error that is neither a usage error nor a system error is a bug; its
 * stack is included.
 */
function errorLines(error: unknown): readonly string[] {
  if (error instanceof UsageError) return [error.message, ...error.details];
  if (isSystemError(error)) return [systemErrorMessage(error)];
  return `internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`.split("\n");
}

async function run(argv: readonly string[], shell: Shell): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name.startsWith("-")) return runWithoutCommand(argv, shell);
  if (name === "help") return showHelp(rest, shell);
  const command = findCommand(name);
  const { flags, positionals } = readArguments({ ...command.flags, ...GLOBAL_FLAGS }, rest);
  if (flags.version) return showVersion(shell);
  if (flags.help) {
    shell.printOutput(commandHelp(command));
    return EXIT.success;
  }
  return command.run({ flags, positionals }, shell, COMMANDS);
}

function findCommand(name: string): Command {
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (command === undefined) throw new UsageError(unknownCommand(name));
  return command;
}

/** Prints the help of the first named command, or of all commands if none is named. */
function showHelp(argv: readonly string[], shell: Shell): number {
  const name = argv.find((text) => !text.startsWith("-") && text !== "help");
  shell.printOutput(name === undefined ? mainHelp(COMMANDS) : commandHelp(findCommand(name)));
  return EXIT.success;
}

function runWithoutCommand(argv: readonly string[], shell: Shell): number {
  const { flags, positionals } = readArguments(GLOBAL_FLAGS, argv);
  if (flags.version) return showVersion(shell);
  if (flags.help) return showHelp(positionals, shell);
  shell.printOutput(mainHelp(COMMANDS));
  return EXIT.usage;
}

function showVersion(shell: Shell): number {
  shell.printOutput([packageVersion()]);
  return EXIT.success;
}

function unknownCommand(name: string): string {
  const names = COMMANDS.map((command) => command.name);
  const nearest = nearestWord(name, [...names, "help"]);
  const hint = nearest === undefined ? `the commands are ${names.join(", ")}` : `did you mean ${nearest}?`;
  return `"${name}" is not a command; ${hint}`;
}
