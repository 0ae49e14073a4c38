import { type ArgumentKind, type Command, type Flag, GLOBAL_FLAGS } from "../commands/command.ts";

/** A command with the data that shells need to complete its arguments. */
export interface CompletedCommand {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly CompletedFlag[];
  /** Words offered as the first argument, in addition to the completions for its kind. */
  readonly words: readonly string[];
  /** Kinds of the arguments, by position. The last item applies to all further arguments, too. */
  readonly completes: readonly (ArgumentKind | "word")[];
}

export interface CompletedFlag {
  readonly name: string;
  readonly short?: string;
  readonly help: string;
  readonly isRepeatable: boolean;
  readonly value: FlagValueKind;
}

/** Kind of the value that follows a flag. */
export type FlagValueKind =
  | { readonly kind: "none" | "text" | "file" | "folder" }
  | { readonly kind: "word"; readonly words: readonly string[] };

/** Returns the completion model of a command, with the global flags. */
export async function completedCommand(command: Command): Promise<CompletedCommand> {
  const { name, summary } = command;
  const flags = Object.entries<Flag>({ ...command.flags, ...GLOBAL_FLAGS });
  const words = (await command.words?.()) ?? [];
  return {
    name,
    summary,
    flags: await Promise.all(flags.map(([flagName, flag]) => completedFlag(flagName, flag))),
    words,
    completes: command.completes ?? [words.length > 0 ? "word" : "spec"],
  };
}

async function completedFlag(name: string, flag: Flag): Promise<CompletedFlag> {
  const { short, help, multiple = false } = flag;
  const value = await valueKindOf(name, flag);
  return { name, ...(short !== undefined && { short }), help, isRepeatable: multiple, value };
}

/**
 * Placeholders in the help text whose values are files. The path of a D-Bus object has the same placeholder as the path
 * of a file.
 */
const FILES = new Set(["<file>", "<spec>", "<path>", "<earlier>"]);

async function valueKindOf(name: string, { type, value = "", values, words }: Flag): Promise<FlagValueKind> {
  if (type === "boolean") return { kind: "none" };
  if (values !== undefined) return { kind: "word", words: values };
  if (words !== undefined) return { kind: "word", words: await words() };
  if (value === "<bus>") return { kind: "word", words: ["session", "system"] };
  if (value === "<folder>") return { kind: "folder" };
  return { kind: FILES.has(value) && name !== "path" ? "file" : "text" };
}

/**
 * Returns a text in single quotes.
 *
 * @param escapedQuote - A quote inside the text: `'\''` in bash and zsh; fish has another escape.
 */
export function singleQuoted(text: string, escapedQuote = `'\\''`): string {
  return `'${text.replaceAll("'", escapedQuote)}'`;
}
