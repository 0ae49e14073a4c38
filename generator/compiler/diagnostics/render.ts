import { styleText } from "node:util";
import type { Severity } from "./codes.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { Span } from "./source.ts";

/** How diagnostics are written: for people, for editors, for programs, for GitHub's annotations. */
export const FORMATS = ["frame", "plain", "json", "github"] as const;
export type Format = (typeof FORMATS)[number];

/** A diagnostic as JSON: places in lines and columns from 1, offsets in UTF-16 code units. */
export interface JsonDiagnostic extends JsonPlace {
  readonly code: string;
  readonly severity: string;
  readonly message: string;
  readonly hint?: string;
  readonly related?: JsonPlace & { readonly message: string };
}

/** A stretch of a file: lines and columns from 1, end exclusive. */
export interface JsonPlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** Renders diagnostics as text of lines; `json` has its own function. */
export function render(
  diagnostics: readonly Diagnostic<string>[],
  format: Exclude<Format, "json">,
  color = false,
): string {
  return diagnostics.map((one) => RENDERERS[format](one, color)).join("");
}

export function toJson(diagnostic: Diagnostic<string>): JsonDiagnostic {
  const { code, severity, message, hint, related, span } = diagnostic;
  return {
    ...jsonPlace(span),
    code,
    severity,
    message,
    ...(hint !== undefined && { hint }),
    ...(related && { related: { ...jsonPlace(related.span), message: related.message } }),
  };
}

const RENDERERS: Readonly<Record<Exclude<Format, "json">, (one: Diagnostic<string>, color: boolean) => string>> = {
  plain: (one) => `${headline(one)}\n`,
  github: ({ code, severity, message, hint, span }) => {
    const { file, line, column } = jsonPlace(span);
    const properties = Object.entries({ file, line, col: column, title: code }).map(
      ([key, value]) => `${key}=${escapeProperty(String(value))}`,
    );
    const text = [message, ...(hint === undefined ? [] : [`hint: ${hint}`])].map(visible).join("\n");
    return `::${GITHUB[severity]} ${properties.join(",")}::${escapeData(text)}\n`;
  },
  frame: (one, color) => {
    const lines = [headline(one, color), ...frame(one.span, color)];
    if (one.related) lines.push(`  ${place(one.related.span)} ${visible(one.related.message)}`);
    if (one.hint !== undefined) lines.push(`  ${paint("cyan", "hint:", color)} ${visible(one.hint)}`);
    return `${lines.join("\n")}\n\n`;
  },
};

/** How GitHub's workflow commands call a severity. */
const GITHUB: Readonly<Record<Severity, string>> = { error: "error", warning: "warning", note: "notice" };
const COLORS = { error: "red", warning: "yellow", note: "cyan" } as const satisfies Record<Severity, string>;

function headline({ code, severity, message, span }: Diagnostic<string>, color = false): string {
  return `${paint("bold", place(span), color)} ${paint(COLORS[severity], `${severity} ${code}`, color)}: ${visible(message)}`;
}

function place({ source, start }: Span): string {
  const { line, column } = source.position(start);
  return `${source.path}:${line}:${column}`;
}

/** Widest stretch of a source line that a frame shows; specs from a live bus may be one long line. */
const FRAME_WIDTH = 120;

/** The line of a span with its neighbours, and carets under the span. */
function frame({ source, start, end }: Span, color: boolean): readonly string[] {
  if (source.text === "") return [];
  const { line, column } = source.position(start);
  const from = Math.max(0, column - 1 - FRAME_WIDTH / 2);
  const cut = (text: string): string => visible(text.slice(from, from + FRAME_WIDTH));
  const gutter = String(line + 1).length;
  const row = (number: number): readonly string[] => {
    const text = source.line(number);
    if (text === undefined) return [];
    const mark = number === line ? paint("red", ">", color) : " ";
    return [`${mark} ${String(number).padStart(gutter)} | ${cut(text)}`.trimEnd()];
  };
  const rest = (source.line(line) ?? "").length - (column - 1);
  const carets = "^".repeat(Math.max(1, Math.min(end - start, rest, FRAME_WIDTH - (column - 1 - from))));
  const pointer = `  ${" ".repeat(gutter)} | ${" ".repeat(column - 1 - from)}${paint("red", carets, color)}`;
  return [...row(line - 1), ...row(line), pointer, ...row(line + 1)];
}

/** Replaces what would move the cursor or change the terminal: a spec is untrusted. */
function visible(text: string): string {
  return text
    .replace(/\t/g, " ")
    .replace(/[\u0000-\u001F\u007F-\u009F\u200B-\u200F\u2028-\u202E\u2066-\u2069]/g, "\uFFFD");
}

/** A place as programs read it: lines and columns from 1. */
export function jsonPlace({ source, start, end }: Span): JsonPlace {
  const { line, column } = source.position(start);
  const { line: endLine, column: endColumn } = source.position(end);
  return { file: source.path, line, column, endLine, endColumn };
}

function paint(style: "bold" | "red" | "yellow" | "cyan", text: string, color: boolean): string {
  // Whether there is colour was decided by the caller; Node would ask standard output again.
  return color ? styleText(style, text, { validateStream: false }) : text;
}

function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
