import { type ParseArgsConfig, parseArgs } from "node:util";
import { nearestWord } from "../../compiler/text/nearest-word.ts";
import { UsageError } from "../usage-error.ts";
import type { CommandArguments, Flag, Flags, FlagValues } from "./command.ts";

/**
 * Parses the arguments after the name of a command.
 * @throws UsageError for an unknown flag, a missing value or a value that the flag does not accept.
 */
export function readArguments<F extends Flags>(flags: F, argv: readonly string[]): CommandArguments<F> {
  const { values, positionals } = parse(flags, argv);
  const checked: Record<string, unknown> = {};
  for (const [name, flag] of Object.entries<Flag>(flags)) checked[name] = checkValue(name, flag, values[name]);
  // Each value was checked against the flag from which its type is derived.
  return { flags: checked as FlagValues<F>, positionals };
}

function parse(flags: Flags, argv: readonly string[]) {
  const options: NonNullable<ParseArgsConfig["options"]> = {};
  for (const [name, { type, short, multiple = false }] of Object.entries(flags)) {
    options[name] = { type, multiple, ...(short !== undefined && { short }) };
  }
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(parseFailure(error, flags), { cause: error });
  }
}

/** Returns the message of a usage error for an error of `parseArgs`. */
function parseFailure(error: unknown, flags: Flags): string {
  const message = error instanceof Error ? error.message : String(error);
  const [, given = ""] = /^(?:Unknown option|Option) '(?:-\w, )?(--?[^'\s=]+)/.exec(message) ?? [];
  if (message.startsWith("Unknown option")) return unknownFlag(given, flags);
  if (message.includes("does not take an argument")) return `${given} takes no value`;
  return /argument (?:missing|is ambiguous)/.test(message) ? `${given} needs a value` : message;
}

function unknownFlag(given: string, flags: Flags): string {
  const names = Object.keys(flags);
  const near = nearestWord(given.replace(/^-+/, ""), names);
  const list = names.map((name) => `--${name}`).join(", ");
  return `${given} is not a flag of this command; ${near === undefined ? `the flags are ${list}` : `did you mean --${near}?`}`;
}

function checkValue(name: string, flag: Flag, value: unknown): unknown {
  if (value === undefined) return defaultOf(flag);
  const { values } = flag;
  for (const text of [value].flat()) {
    if (text === "") throw new UsageError(`--${name} needs a value that is not empty`);
    if (values !== undefined && !values.some((accepted) => accepted === text))
      throw new UsageError(`--${name} is one of ${values.join(", ")}, not "${text}"${hintOf(String(text), values)}`);
  }
  return value;
}

/**
 * Returns the end of a message that suggests the accepted word nearest to `text`, such as `; did you mean client?`.
 * Empty if no word is similar.
 */
export function hintOf(text: string, accepted: readonly string[]): string {
  const nearest = nearestWord(text, accepted);
  return nearest === undefined ? "" : `; did you mean ${nearest}?`;
}

/** Returns the default value of a flag: its first accepted value, unless the flag is `multiple` or `optional`. */
export function defaultOf({ values, multiple, optional }: Flag): string | undefined {
  return multiple || optional ? undefined : values?.[0];
}

/**
 * Parses the value of a flag that takes a number.
 * @param unit - Noun for the message, such as "milliseconds".
 * @throws UsageError if the value is not a whole number below 10,000,000.
 */
export function parseNumber(flag: string, text: string, unit: string): number {
  if (!/^\d{1,7}$/.test(text)) throw new UsageError(`--${flag} is a number of ${unit}, not "${text}"`);
  return Number(text);
}
