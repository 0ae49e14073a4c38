import { parseArgs } from "node:util";
import type { Bus } from "./bus.ts";

/** What a program has of the world outside. */
export interface ProgramShell {
  /** Results: a bus name, help. */
  out(text: string): void;
  /** Errors, a line each. */
  talk(text: string): void;
  /** Resolves when the program is asked to end. */
  readonly stopped: Promise<void>;
}

/** A flag: parsing and help come from its description. */
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

/** The flag of programs that have a version. */
const VERSION_FLAG = {
  version: { type: "boolean", short: "V", help: "show the version" },
} as const satisfies ProgramFlags;

/** What was given for flags. */
export type ProgramValues<F extends ProgramFlags> = ReturnType<
  typeof parseArgs<{ args: string[]; options: F & typeof COMMON_FLAGS }>
>["values"];

type CommonValues = ProgramValues<Record<never, never>> & { readonly version?: boolean };

/** What a program does with the frame around it. */
export interface RunningProgram {
  /** The bus to connect to. */
  readonly bus: string;
  /** Says that whoever waits for the program can go on: once, with the bus name that it owns. */
  ready(name: string): void;
  /** Tells of an error that does not end the program. */
  readonly complain: (error: unknown) => void;
  /** Resolves when the program is asked to end. Rejects when the connection is lost before. */
  until(bus: Bus): Promise<void>;
}

/** A program that serves on a bus until it is asked to end. */
export interface Program<F extends ProgramFlags = Record<never, never>> {
  readonly name: string;
  /** What `--version` prints. */
  readonly version?: string;
  /** What it does: the first line of its help. */
  readonly about: string;
  /** What ends its help: when it is ready, what it does when it ends. */
  readonly notes: string;
  readonly flags: F;
  /**
   * Serves until `until` resolves, and puts everything away. Throws UsageError for flags that make no sense, any other
   * error for what cannot be used.
   */
  serve(values: ProgramValues<F>, running: RunningProgram): Promise<void>;
}

/** A wrong call of a program; its message is for the user. */
export class UsageError extends Error {}

/**
 * Runs a program until SIGTERM or SIGINT, and gives its exit code: 0 asked to end, 1 something cannot be used, 2 wrong
 * usage. Errors are a line each on standard error.
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
  const complain = (error: unknown): void => {
    const text = error instanceof Error ? error.message : String(error);
    shell.talk(`${program.name}: ${text.replace(/\s*\n\s*/g, " ")}\n`);
  };
  try {
    const values = parse(program, argv);
    const { bus = "session", help, version }: CommonValues = values;
    if (version) shell.out(`${program.version}\n`);
    else if (help) shell.out(helpOf(program));
    else {
      const ready = (name: string): void => shell.out(`${name}\n`);
      await program.serve(values, { bus, ready, complain, until: (connection) => untilStopped(connection, shell) });
    }
    return 0;
  } catch (error) {
    complain(error);
    return error instanceof UsageError ? 2 : 1;
  }
}

/** The choice that a flag names. Throws UsageError where it is none of them. */
export function choice<T extends string>(flag: string, choices: readonly T[], value: string): T {
  const found = choices.find((one) => one === value);
  if (found === undefined) throw new UsageError(`${flag} is one of ${choices.join(", ")}, not "${value}"`);
  return found;
}

function parse<F extends ProgramFlags>(program: Program<F>, argv: readonly string[]): ProgramValues<F> {
  try {
    return parseArgs<{ args: string[]; options: F & typeof COMMON_FLAGS }>({
      args: [...argv],
      options: flagsOf(program),
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function flagsOf<F extends ProgramFlags>({ flags, version }: Program<F>): F & typeof COMMON_FLAGS {
  return { ...flags, ...COMMON_FLAGS, ...(version === undefined ? {} : VERSION_FLAG) };
}

function helpOf<F extends ProgramFlags>(program: Program<F>): string {
  const { name, about, notes } = program;
  return `${about}

Usage:
  ${name} [flags]

Flags:
${Object.entries<ProgramFlag>(flagsOf(program)).map(helpLine).join("\n")}

${notes}

Exit code: 0 asked to end, 1 something cannot be used or was lost, 2 wrong usage.
`;
}

function helpLine([name, { short, value, help }]: readonly [string, ProgramFlag]): string {
  const flag = `${short === undefined ? "    " : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`;
  return `  ${flag.padEnd(30)}${help}`;
}

async function untilStopped(bus: Bus, { stopped }: ProgramShell): Promise<void> {
  const asked = stopped.then(() => "asked" as const);
  const end = await Promise.race([asked, bus.closed]);
  if (end !== "asked") throw end ?? new Error("the connection to the bus was closed");
}

function processShell(): ProgramShell {
  const { stdout, stderr } = process;
  return {
    out: (text) => void stdout.write(text),
    talk: (text) => void stderr.write(text),
    stopped: new Promise((resolve) => {
      for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve());
    }),
  };
}
