import type { Writable } from "node:stream";
import { parseArgs } from "node:util";
import type { Bus } from "./bus.ts";
import { printable } from "./printable.ts";

/** What a program needs from its process: output, and the request to stop. */
export interface ProgramShell {
  /** Writes a result, such as a bus name or the help text, to standard output. */
  print(text: string): void;
  /** Writes one error as a line to standard error. */
  printError(text: string): void;
  /** Resolves when the process is requested to end. */
  readonly stopped: Promise<void>;
}

/** Description of a flag, from which the flag is parsed and the help is printed. */
export interface ProgramFlag {
  readonly type: "string" | "boolean";
  readonly short?: string;
  readonly multiple?: boolean;
  /** Placeholder of a value in the help text. */
  readonly value?: string;
  readonly help: string;
}

export type ProgramFlags = Readonly<Record<string, ProgramFlag>>;

/** Flags that every program has. */
const COMMON_FLAGS = {
  bus: { type: "string", value: "<bus>", help: "session (default), system, or an address such as unix:path=/run/bus" },
  help: { type: "boolean", short: "h", help: "show this help" },
} as const satisfies ProgramFlags;

/** Flag of programs that have a version. */
const VERSION_FLAG = {
  version: { type: "boolean", short: "V", help: "show the version" },
} as const satisfies ProgramFlags;

/** Values of the flags on the command line, by flag. */
export type FlagValues<F extends ProgramFlags> = ReturnType<
  typeof parseArgs<{ args: string[]; options: F & typeof COMMON_FLAGS }>
>["values"];

type CommonValues = FlagValues<Record<never, never>> & { readonly version?: boolean };

/** Functions and settings that `runProgram` passes to a program. */
export interface RunningProgram {
  /** The value of `--bus`: the bus to connect to. */
  readonly bus: string;
  /** Prints the bus name that the program owns. Called once, when it is ready to serve. */
  reportReady(name: string): void;
  /** Prints a result. For a program that ends without serving. */
  print(text: string): void;
  /** Prints an error that does not end the program. */
  readonly reportError: (error: unknown) => void;
  /** Resolves when the program is requested to end. Rejects if the connection is lost before. */
  untilStopped(bus: Bus): Promise<void>;
}

/** A program that serves on a bus until it is requested to end. */
export interface Program<F extends ProgramFlags = Record<never, never>> {
  readonly name: string;
  /** The version, which `--version` prints. A getter runs only then. */
  readonly version?: string;
  /** Purpose of the program: the first line of its help. */
  readonly about: string;
  /** Last paragraph of the help: how the program shows that it is ready, and what it does when it ends. */
  readonly notes: string;
  readonly flags: F;
  /**
   * Serves until `untilStopped` resolves, and then releases everything. Throws UsageError if a flag is invalid, and any
   * other error if, for instance, the bus cannot be used.
   */
  serve(values: FlagValues<F>, running: RunningProgram): Promise<void>;
}

/** The error for a wrong command line. Its message is printed for the user. */
export class UsageError extends Error {}

/**
 * Runs a program until SIGTERM or SIGINT. Each error is one line on standard error.
 *
 * @returns The exit code: 0 if the program was requested to end, 1 if it failed, for instance because the bus was lost,
 * 2 if the command line is wrong.
 *
 * @example
 * ```ts
 * process.exitCode = await runProgram(jukeboxd, process.argv.slice(2));
 * ```
 */
export async function runProgram<F extends ProgramFlags>(
  program: Program<F>,
  argv: readonly string[],
  shell: ProgramShell = processShell(),
): Promise<number> {
  const reportError = (error: unknown): void => shell.printError(`${program.name}: ${lineOf(error)}\n`);
  try {
    const values = parse(program, argv);
    const { bus = "session", help, version }: CommonValues = values;
    if (version) shell.print(`${program.version}\n`);
    else if (help) shell.print(helpOf(program));
    else {
      const reportReady = (name: string): void => shell.print(`${name}\n`);
      await program.serve(values, {
        bus,
        reportReady,
        print: (text) => shell.print(text),
        reportError,
        untilStopped: (connection) => untilStopped(connection, shell),
      });
    }
    return 0;
  } catch (error) {
    reportError(error);
    return error instanceof UsageError ? 2 : 1;
  }
}

/** Returns the choice that equals the value of a flag. Throws UsageError if no choice does. */
export function parseChoice<T extends string>(flag: string, choices: readonly T[], value: string): T {
  const choice = choices.find((candidate) => candidate === value);
  if (choice === undefined) throw new UsageError(`${flag} is one of ${choices.join(", ")}, not "${value}"`);
  return choice;
}

/**
 * Returns `quotas` with the values that flags such as `--quota sessions=100` set.
 *
 * @param values - Values of the flag: a name of the quotas, an equals sign and a positive integer.
 * @throws UsageError if a value is invalid.
 */
export function parseQuotas<Q extends Readonly<Record<string, number>>>(
  flag: string,
  quotas: Q,
  values: readonly string[],
): { readonly [Name in keyof Q]: number } {
  const changed = values.map((value) => {
    const [, name = "", number = ""] = /^(\w+)=([1-9]\d{0,14})$/.exec(value) ?? [];
    if (Object.hasOwn(quotas, name)) return [name, Number(number)] as const;
    throw new UsageError(`${flag} takes <name>=<number> with one of ${Object.keys(quotas).join(", ")}, not "${value}"`);
  });
  return { ...quotas, ...Object.fromEntries(changed) };
}

function parse<F extends ProgramFlags>(program: Program<F>, argv: readonly string[]): FlagValues<F> {
  try {
    return parseArgs<{ args: string[]; options: F & typeof COMMON_FLAGS }>({
      args: [...argv],
      options: flagsOf(program),
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function flagsOf<F extends ProgramFlags>(program: Program<F>): F & typeof COMMON_FLAGS {
  return { ...program.flags, ...COMMON_FLAGS, ...("version" in program ? VERSION_FLAG : {}) };
}

function helpOf<F extends ProgramFlags>(program: Program<F>): string {
  const { name, about, notes } = program;
  return `${about}

Usage:
  ${name} [flags]

Flags:
${Object.entries<ProgramFlag>(flagsOf(program)).map(helpLine).join("\n")}

${notes}

Exit code: 0 stopped by a signal, 1 something cannot be used or was lost, 2 wrong usage.
`;
}

function helpLine([name, { short, value, help }]: readonly [string, ProgramFlag]): string {
  const flag = `${short === undefined ? "    " : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`;
  return `  ${flag.padEnd(30)}${help}`;
}

async function untilStopped(bus: Bus, { stopped }: ProgramShell): Promise<void> {
  const stopRequest = stopped.then(() => "stopped" as const);
  const end = await Promise.race([stopRequest, bus.closed]);
  if (end !== "stopped") throw end ?? new Error("the connection to the bus was closed");
}

/** Returns the text of an error as one line without control characters. The error can be any value. Never throws. */
function lineOf(error: unknown): string {
  let text: string;
  try {
    text = String(error instanceof Error ? error.message : error);
  } catch {
    text = "an error without a text";
  }
  const lines = text.split("\n").map((line) => line.trim());
  return printable(lines.filter((line) => line !== "").join(" "));
}

/**
 * Returns a function that writes to an output stream of the process. A text that cannot be written is lost and causes
 * no error: the reader of a log may have ended, or a disk may be full.
 *
 * @internal
 */
export function lossyWriter(stream: Writable): (text: string) => void {
  // Without a listener an error of the stream would end the process.
  stream.on("error", () => undefined);
  return (text) => {
    try {
      stream.write(text);
    } catch {
      // Writing to a file can throw.
    }
  };
}

function processShell(): ProgramShell {
  return {
    print: lossyWriter(process.stdout),
    printError: lossyWriter(process.stderr),
    stopped: new Promise((resolve) => {
      for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve());
    }),
  };
}
