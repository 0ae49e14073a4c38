import { styleText } from "node:util";
import { replaceHidden } from "./hidden-characters.ts";

/** A part of a line with a style. A `command` is a workflow command of GitHub, and is not styled. */
export interface StyledText {
  readonly style: "bold" | "red" | "yellow" | "cyan" | "command";
  readonly text: string;
}

/**
 * A line of output without its line break. A part that contains text from outside must also contain text of the
 * program.
 */
export type Line = string | readonly (string | StyledText)[];

/**
 * Returns lines as text for a terminal or a CI log. All output passes through this function. Text from outside can neither
 * begin a line, nor control a terminal, nor form a command of a CI service.
 */
export function terminalText(lines: readonly Line[], isColored: boolean): string {
  return lines.map((line) => `${lineText(line, isColored)}\n`).join("");
}

/** Returns a text as one line in which hidden characters except tabs are written as `\u{202e}`. */
export function visibleLine(text: string): string {
  return replaceHidden(text, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`, "\t");
}

function lineText(line: Line, isColored: boolean): string {
  const parts = typeof line === "string" ? [line] : line;
  return parts
    .map((part, index) => {
      const { text, style } = typeof part === "string" ? { text: part, style: undefined } : part;
      // CI services execute commands such as ##[error] or ##vso[…] at any position, and ::error at the begin of a line.
      const visible = visibleLine(text).replace(/##(?=\w*\[)/g, "#\\u{23}");
      if (style === "command") return visible;
      const harmless = index === 0 ? visible.replace(/^(\s*):(?=:)/, "$1\\u{3a}") : visible;
      // The caller decides about colours. Without this option Node would decide by the properties of standard output.
      return style === undefined || !isColored ? harmless : styleText(style, harmless, { validateStream: false });
    })
    .join("");
}
