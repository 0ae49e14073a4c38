import { type Line, type StyledText, terminalText, visibleLine } from "../text/terminal.ts";
import type { Severity } from "./codes.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { Format } from "./formats.ts";
import type { Span } from "./source.ts";

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
  return terminalText(renderLines(diagnostics, format), color);
}

/** Returns diagnostics as lines of output. */
export function renderLines(
  diagnostics: readonly Diagnostic<string>[],
  format: Exclude<Format, "json">,
): readonly Line[] {
  return diagnostics.flatMap(RENDERERS[format]);
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

const RENDERERS: Readonly<Record<Exclude<Format, "json">, (diagnostic: Diagnostic<string>) => readonly Line[]>> = {
  plain: (diagnostic) => [headline(diagnostic)],
  github: ({ code, severity, message, hint, span }) => {
    const { file, line, column } = jsonRange(span);
    const properties = Object.entries({ file, line, col: column, title: code }).map(
      ([key, value]) => `${key}=${escapeProperty(String(value))}`,
    );
    const data = [message, ...(hint === undefined ? [] : [`hint: ${hint}`])].map(escapeData).join("%0A");
    return [[{ style: "command", text: `::${GITHUB[severity]} ${properties.join(",")}::${data}` }]];
  },
  frame: (diagnostic) => {
    const { span, related, hint } = diagnostic;
    return [
      headline(diagnostic),
      ...frame(span),
      ...(related ? [`  ${position(related.span)} ${related.message}`] : []),
      ...(hint === undefined ? [] : [["  ", { style: "cyan", text: "hint:" }, ` ${hint}`] as const]),
      "",
    ];
  },
};

/** Names of severities in GitHub's workflow commands. */
const GITHUB: Readonly<Record<Severity, string>> = { error: "error", warning: "warning", note: "notice" };
const COLORS = { error: "red", warning: "yellow", note: "cyan" } as const satisfies Record<Severity, string>;

function headline({ code, severity, message, span }: Diagnostic<string>): Line {
  const category: StyledText = { style: COLORS[severity], text: `${severity} ${code}` };
  return [{ style: "bold", text: position(span) }, " ", category, `: ${message}`];
}

function position({ source, start }: Span): string {
  const { line, column } = source.position(start);
  return `${source.path}:${line}:${column}`;
}

/** Largest number of characters of a source line in a frame. A spec from a running service may be one long line. */
const FRAME_WIDTH = 120;

/** Returns the line of a span with the lines before and after it, and carets under the span. */
function frame({ source, start, end }: Span): readonly Line[] {
  if (source.text === "") return [];
  const { line, column } = source.position(start);
  const from = Math.max(0, column - 1 - FRAME_WIDTH / 2);
  const gutter = String(line + 1).length;
  const cut = (number: number): string | undefined => source.line(number, from, FRAME_WIDTH)?.replaceAll("\t", " ");
  const row = (number: number): readonly Line[] => {
    const text = cut(number);
    if (text === undefined) return [];
    const content = ` ${String(number).padStart(gutter)} | ${text}`.trimEnd();
    return [number === line ? [{ style: "red", text: ">" }, content] : ` ${content}`];
  };
  const marked = cut(line) ?? "";
  const before = column - 1 - from;
  const carets = visibleLine(marked.slice(before, before + end - start)).replace(/./g, "^") || "^";
  const margin = `  ${" ".repeat(gutter)} | ${" ".repeat(visibleLine(marked.slice(0, before)).length)}`;
  return [...row(line - 1), ...row(line), [margin, { style: "red", text: carets }], ...row(line + 1)];
}

/** Returns the range of a span. */
export function jsonRange({ source, start, end }: Span): JsonRange {
  const { line, column } = source.position(start);
  const { line: endLine, column: endColumn } = source.position(end);
  return { file: source.path, line, column, endLine, endColumn };
}

/** Returns a text for a workflow command. Hidden characters are escaped first, so that it has no line break. */
function escapeData(text: string): string {
  return visibleLine(text).replaceAll("%", "%25");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
