import { styleText } from "node:util";
import type { Severity } from "./codes.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { Span } from "./source.ts";

/**
 * Formats of diagnostics: `frame` shows the source line, `plain` is one line per diagnostic, `json` is for programs,
 * `github` is for annotations of GitHub workflows.
 */
export const FORMATS = ["frame", "plain", "json", "github"] as const;
export type Format = (typeof FORMATS)[number];

/** A diagnostic as JSON. Lines and columns start at 1; columns count UTF-16 code units. */
export interface JsonDiagnostic extends JsonRange {
  readonly code: string;
  readonly severity: string;
  readonly message: string;
  readonly hint?: string;
  readonly related?: JsonRange & { readonly message: string };
}

/** A range of a file: lines and columns start at 1, the end is exclusive. */
export interface JsonRange {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** Returns diagnostics as text that ends with a line break. For JSON use `toJson`. */
export function render(
  diagnostics: readonly Diagnostic<string>[],
  format: Exclude<Format, "json">,
  color = false,
): string {
  return diagnostics.map((diagnostic) => RENDERERS[format](diagnostic, color)).join("");
}

/** Returns a diagnostic as a JSON-compatible object. */
export function toJson(diagnostic: Diagnostic<string>): JsonDiagnostic {
  const { code, severity, message, hint, related, span } = diagnostic;
  return {
    ...jsonRange(span),
    code,
    severity,
    message,
    ...(hint !== undefined && { hint }),
    ...(related && { related: { ...jsonRange(related.span), message: related.message } }),
  };
}

const RENDERERS: Readonly<Record<Exclude<Format, "json">, (diagnostic: Diagnostic<string>, color: boolean) => string>> =
  {
    plain: (diagnostic) => `${headline(diagnostic)}\n`,
    github: ({ code, severity, message, hint, span }) => {
      const { file, line, column } = jsonRange(span);
      const properties = Object.entries({ file, line, col: column, title: code }).map(
        ([key, value]) => `${key}=${escapeProperty(String(value))}`,
      );
      const text = [message, ...(hint === undefined ? [] : [`hint: ${hint}`])].map(visible).join("\n");
      return `::${GITHUB[severity]} ${properties.join(",")}::${escapeData(text)}\n`;
    },
    frame: (diagnostic, color) => {
      const { span, related, hint } = diagnostic;
      const lines = [headline(diagnostic, color), ...frame(span, color)];
      if (related) lines.push(`  ${position(related.span)} ${visible(related.message)}`);
      if (hint !== undefined) lines.push(`  ${paint("cyan", "hint:", color)} ${visible(hint)}`);
      return `${lines.join("\n")}\n\n`;
    },
  };

/** Names of severities in GitHub's workflow commands. */
const GITHUB: Readonly<Record<Severity, string>> = { error: "error", warning: "warning", note: "notice" };
const COLORS = { error: "red", warning: "yellow", note: "cyan" } as const satisfies Record<Severity, string>;

function headline({ code, severity, message, span }: Diagnostic<string>, color = false): string {
  return `${paint("bold", position(span), color)} ${paint(COLORS[severity], `${severity} ${code}`, color)}: ${visible(message)}`;
}

function position({ source, start }: Span): string {
  const { line, column } = source.position(start);
  return `${source.path}:${line}:${column}`;
}

/** Largest number of characters of a source line in a frame. A spec from a running service may be one long line. */
const FRAME_WIDTH = 120;

/** Returns the line of a span with the lines before and after it, and carets under the span. */
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

/** Replaces control and bidirectional characters, because specs are untrusted and could manipulate the terminal. */
function visible(text: string): string {
  return text
    .replace(/\t/g, " ")
    .replace(/[\u0000-\u001F\u007F-\u009F\u200B-\u200F\u2028-\u202E\u2066-\u2069]/g, "\uFFFD");
}

/** Returns the range of a span. */
export function jsonRange({ source, start, end }: Span): JsonRange {
  const { line, column } = source.position(start);
  const { line: endLine, column: endColumn } = source.position(end);
  return { file: source.path, line, column, endLine, endColumn };
}

function paint(style: "bold" | "red" | "yellow" | "cyan", text: string, color: boolean): string {
  // The caller decides about colours. Without this option Node would decide by the properties of standard output.
  return color ? styleText(style, text, { validateStream: false }) : text;
}

function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
