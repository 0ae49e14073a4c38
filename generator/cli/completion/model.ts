import { type Command, type Flag, GLOBAL_FLAGS } from "../commands/command.ts";

/** A command with what shells need to complete its arguments. */
export interface CompletedCommand {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly CompletedFlag[];
  /** Words offered as arguments. If empty, specs are offered. */
  readonly words: readonly string[];
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
  return {
    name,
    summary,
    flags: flags.map(([flagName, flag]) => completedFlag(flagName, flag)),
    words: (await command.words?.()) ?? [],
  };
}

function completedFlag(name: string, flag: Flag): CompletedFlag {
  const { short, help, multiple = false } = flag;
  return { name, ...(short !== undefined && { short }), help, isRepeatable: multiple, value: valueKindOf(flag) };
}

function valueKindOf({ type, value, values }: Flag): FlagValueKind {
  if (type === "boolean") return { kind: "none" };
  if (values !== undefined) return { kind: "word", words: values };
  if (value === "<folder>") return { kind: "folder" };
  return { kind: value === "<file>" || value === "<spec>" ? "file" : "text" };
}

/** Returns a text in single quotes. Bash and zsh escape a quote as `'\''`; fish has another escape. */
export function singleQuoted(text: string, escapedQuote = `'\\''`): string {
  return `'${text.replaceAll("'", escapedQuote)}'`;
}
