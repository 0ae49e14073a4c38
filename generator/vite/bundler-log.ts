import { resolve } from "node:path";
import type { Diagnostic } from "../compiler/diagnostics/diagnostic.ts";
import { render } from "../compiler/diagnostics/render.ts";
import { terminalText } from "../compiler/text/terminal.ts";
import type { BundlerLog } from "./bundler.ts";

/** Returns lines as a message for a bundler, which prints it unchanged. */
export function logMessage(lines: readonly string[]): string {
  return terminalText(lines, false).trimEnd();
}

/** Returns a diagnostic as a log of a bundler. */
export function toLog(diagnostic: Diagnostic, cwd: string): BundlerLog {
  const { code, message, hint, span } = diagnostic;
  const { line, column } = span.source.position(span.start);
  const [, ...frame] = render([diagnostic], "frame").trimEnd().split("\n");
  return {
    message: logMessage([`${positionText(diagnostic)} ${message}${hint === undefined ? "" : ` (${hint})`}`]),
    code,
    loc: { file: resolve(cwd, span.source.path), line, column: column - 1 },
    frame: frame.join("\n"),
  };
}

/** Largest number of errors in the message of a log. */
const MAX_ERRORS = 100;

/** Returns all errors as one log, because a bundler stops at the first error. */
export function toErrorLog([first, ...others]: readonly [Diagnostic, ...Diagnostic[]], cwd: string): BundlerLog {
  const log = toLog(first, cwd);
  if (others.length === 0) return log;
  const list = others
    .slice(0, MAX_ERRORS)
    .map((diagnostic) => `  ${positionText(diagnostic)} ${diagnostic.code}: ${diagnostic.message}`);
  return { ...log, message: `${log.message}\n${logMessage([`and ${others.length} more:`, ...list])}` };
}

function positionText({ span: { source, start } }: Diagnostic): string {
  const { line, column } = source.position(start);
  return `${source.path}:${line}:${column}`;
}
