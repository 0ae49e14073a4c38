import { type ParseArgsConfig, parseArgs } from "node:util";
import { UsageError } from "../usage-error.ts";
import type { Shell } from "../shell.ts";

/** A flag: parsing, checks, help and shell completion come from its description. */
export interface Flag {
  readonly type: "string" | "boolean";
  readonly short?: string;
  /** May be given several times. */
  readonly multiple?: boolean;
  /** Placeholder of a value in the help text. */
  readonly value?: string;
  /** The only values it takes; the first is the default, but for `multiple` and `optional` ones. */
  readonly values?: readonly string[];
  /** It has no default: where it is not given, something else says it. */
  readonly optional?: true;
  readonly help: string;
}

export type Flags = Readonly<Record<string, Flag>>;

/** Flags that every command has. */
export const GLOBAL_FLAGS = {
  help: { type: "boolean", short: "h", help: "show this help" },
  version: { type: "boolean", short: "V", help: "show the version" },
} as const satisfies Flags;

/** What was given for flags, or their default. */
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

/** A command line as a command gets it. */
export interface ParsedArguments<F extends Flags> {
  readonly flags: FlagValues<F>;
  readonly positionals: readonly string[];
}

/** What the tool can do: a word on the command line. */
export interface Command<F extends Flags = Flags> {
  readonly name: string;
  /** What comes after the name, such as `<specs…> -o <folder>`. */
  readonly usage: string;
  /** What the help says between usage and flags. */
  readonly about?: string;
  readonly flags: F;
  /** Command lines that work. */
  readonly examples: readonly string[];
  /** For completion: what may stand after the name, unless these are files. */
  words?(): readonly string[];
  /** Does it and gives the exit code; throws UsageError for a command line that makes no sense. */
  run(given: ParsedArguments<F>, shell: Shell): Promise<number>;
}

/** Reads the arguments after the name of a command. Throws UsageError for what the command does not know. */
export function readArguments<F extends Flags>(flags: F, argv: readonly string[]): ParsedArguments<F> {
  const { values, positionals } = parse(flags, argv);
  const given: Record<string, unknown> = {};
  for (const [name, flag] of Object.entries<Flag>(flags)) given[name] = checked(name, flag, values[name]);
  // Each value was checked against its flag, which the type was made from.
  return { flags: given as FlagValues<F>, positionals };
}

function parse(flags: Flags, argv: readonly string[]) {
  const options: NonNullable<ParseArgsConfig["options"]> = {};
  for (const [name, { type, short, multiple = false }] of Object.entries(flags)) {
    options[name] = { type, multiple, ...(short !== undefined && { short }) };
  }
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function checked(name: string, flag: Flag, value: unknown): unknown {
  const { values } = flag;
  if (values === undefined) return value;
  if (value === undefined) return defaultOf(flag);
  const wrong = [value].flat().find((one) => typeof one !== "string" || !values.includes(one));
  if (wrong === undefined) return value;
  throw new UsageError(`--${name} is one of ${values.join(", ")}, not "${wrong}"`);
}

function defaultOf({ values, multiple, optional }: Flag): string | undefined {
  return multiple || optional ? undefined : values?.[0];
}

/** The help of one command. */
export function commandHelp({ name, usage, about, flags, examples }: Command, global: Flags): string {
  return `Usage:
  dbus-codegen ${name} ${usage}
${about === undefined ? "" : `\n${indent(about)}\n`}
Flags:
${Object.entries({ ...flags, ...global })
  .map(flagLine)
  .join("\n")}

${examples.length === 1 ? "Example" : "Examples"}:
${examples.map((example) => `  ${example}\n`).join("")}`;
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, "  ");
}

function flagLine([name, given]: readonly [string, Flag]): string {
  const { short, value, values, help } = given;
  const flag = `${short === undefined ? "    " : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`;
  const choices =
    values === undefined
      ? ""
      : `: ${values.map((one) => (one === defaultOf(given) ? `${one} (default)` : one)).join(", ")}`;
  return `  ${flag.padEnd(34)}${help}${choices}`;
}
