import { resolve } from "node:path";
import type { Diagnostic } from "../compiler/diagnostics/diagnostic.ts";
import { render } from "../compiler/diagnostics/render.ts";
import type { BundlerLog } from "./bundler.ts";

/** A diagnostic as a bundler shows it. */
export function toLog(diagnostic: Diagnostic, cwd: string): BundlerLog {
  const { code, message, hint, span } = diagnostic;
  const { line, column } = span.source.position(span.start);
  const [, ...frame] = render([diagnostic], "frame").trimEnd().split("\n");
  return {
    message: `${place(diagnostic)} ${message}${hint === undefined ? "" : ` (${hint})`}`,
    code,
    loc: { file: resolve(cwd, span.source.path), line, column: column - 1 },
    frame: frame.join("\n"),
  };
}

/** All errors as one: a bundler stops at the first that it is told. */
export function toError([first, ...more]: readonly Diagnostic[], cwd: string): BundlerLog {
  if (first === undefined) return { message: "nothing is wrong" };
  const log = toLog(first, cwd);
  if (more.length === 0) return log;
  const others = more.map((one) => `\n  ${place(one)} ${one.code}: ${one.message}`).join("");
  return { ...log, message: `${log.message}\nand ${more.length} more:${others}` };
}

function place({ span: { source, start } }: Diagnostic): string {
  const { line, column } = source.position(start);
  return `${source.path}:${line}:${column}`;
}
