import type { Shell } from "../shell.ts";

/** A flag of a command. Parsing, `--help` and shell completion use this description. */
export interface Flag {
  readonly type: "string" | "boolean";
  readonly short?: string;
  /** Whether the flag may be given several times. */
  readonly multiple?: boolean;
  /** Placeholder of the value in the help text. */
  readonly value?: string;
  /** Accepted values. The first one is the default, except for flags that are `multiple` or `optional`. */
  readonly values?: readonly string[];
  /** Marks a flag with `values` that has no default. */
  readonly optional?: true;
  /** Returns the words that completion offers as value, for a flag that also accepts other values. */
  readonly words?: () => Promise<readonly string[]>;
  readonly help: string;
}

export type Flags = Readonly<Record<string, Flag>>;

/** Values of the flags of a command line, or their defaults. */
export type FlagValues<F extends Flags> = {
  readonly [K in keyof F]: F[K] extends { readonly multiple: true }
    ? readonly ValueOf<F[K]>[] | undefined
    : F[K] extends { readonly values: readonly string[]; readonly optional?: never }
      ? ValueOf<F[K]>
      : ValueOf<F[K]> | undefined;
};

type ValueOf<F extends Flag> = F["type"] extends "boolean"
  ? boolean
  : F extends { readonly values: readonly (infer V)[] }
    ? V
    : string;

/**
 * The kind of an argument, which decides what completion offers. `bus-name` is a name on the bus of `--bus`;
 * `object-path` is an object of the service that the first argument names.
 */
export type ArgumentKind = "spec" | "folder" | "bus-name" | "object-path" | "none";

/** The parsed arguments of a command. */
export interface CommandArguments<F extends Flags = Flags> {
  readonly flags: FlagValues<F>;
  readonly positionals: readonly string[];
}

/**
 * A command of `dbus-codegen`. Its module is loaded on every start, so `run` imports what it needs dynamically.
 */
export interface Command<F extends Flags = Flags> {
  readonly name: string;
  /** Summary of the command for the help text: one line in the imperative, without a full stop. */
  readonly summary: string;
  /** Forms of the arguments after the name, such as `<specs…> -o <folder>`. The first one is shown in errors. */
  readonly usage: readonly string[];
  /** Paragraphs that the help shows below the summary. */
  readonly description?: string;
  readonly flags: F;
  /** Command lines that the help shows as examples. */
  readonly examples: readonly string[];
  /**
   * The kind of each argument, by position. The last item applies to all further arguments, too. If absent, completion
   * offers the words of `words`, or specs if the command has no `words`.
   */
  readonly completes?: readonly ArgumentKind[];
  /** Returns the words that completion offers for every argument. */
  words?(): Promise<readonly string[]>;
  /**
   * Executes the command and returns its exit code.
   *
   * @param commands - All commands of the program, for commands that describe others.
   * @throws UsageError if the arguments are invalid.
   */
  run(args: CommandArguments<F>, shell: Shell, commands: readonly Command[]): Promise<number>;
}

/** Flags of every command. */
export const GLOBAL_FLAGS = {
  help: { type: "boolean", short: "h", help: "show this help" },
  version: { type: "boolean", short: "V", help: "show the version" },
} as const satisfies Flags;

/** Returns the name and the first usage form of a command, for messages. */
export function usageOf({ name, usage: [first = ""] }: Pick<Command, "name" | "usage">): string {
  return `dbus-codegen ${name} ${first}`;
}
