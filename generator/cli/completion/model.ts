import type { Command, Flag } from "../commands/command.ts";

/** A command as completion sees it. */
export interface CompletedCommand {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly CompletedFlag[];
  /** What may stand after it; empty where these are specs. */
  readonly words: readonly string[];
}

export interface CompletedFlag {
  readonly name: string;
  readonly short?: string;
  readonly help: string;
  readonly isRepeatable: boolean;
  readonly takes: Takes;
}

/** What comes after a flag. */
export type Takes =
  | { readonly kind: "nothing" | "text" | "file" | "folder" }
  | { readonly kind: "word"; readonly words: readonly string[] };

export function completed(
  { name, flags, words }: Command,
  summary: string,
  global: Command["flags"],
): CompletedCommand {
  const all = Object.entries({ ...flags, ...global });
  return { name, summary, flags: all.map(([flag, of]) => completedFlag(flag, of)), words: words?.() ?? [] };
}

function completedFlag(name: string, flag: Flag): CompletedFlag {
  const { short, help, multiple = false } = flag;
  return { name, ...(short !== undefined && { short }), help, isRepeatable: multiple, takes: takesOf(flag) };
}

function takesOf({ type, value, values }: Flag): Takes {
  if (type === "boolean") return { kind: "nothing" };
  if (values !== undefined) return { kind: "word", words: values };
  if (value === "<folder>") return { kind: "folder" };
  return { kind: value === "<file>" || value === "<spec>" ? "file" : "text" };
}

/** A text between single quotes, for any of the shells; fish reads a backslash there too. */
export function quoted(text: string, quote = `'\\''`): string {
  return `'${text.replaceAll("'", quote)}'`;
}
