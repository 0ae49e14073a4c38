import { CODES, type Code, type Severity } from "./codes.ts";
import type { Span } from "./source.ts";

/** A problem in a spec. */
export interface Diagnostic<C extends string = Code> {
  /** A diagnostic code, or the code of another kind of finding, such as a lint rule. */
  readonly code: C;
  readonly severity: Severity;
  /** What is wrong. Starts in lower case and has no period. */
  readonly message: string;
  readonly span: Span;
  /** What to do about it. */
  readonly hint?: string;
  /** Another position that belongs to the problem, such as the first of two definitions. */
  readonly related?: { readonly message: string; readonly span: Span };
}

/** The optional parts of a diagnostic. */
export type Advice = Pick<Diagnostic, "hint" | "related">;

/** A collection of diagnostics, to which the stages of the compiler report. */
export class Diagnostics {
  readonly #list: Diagnostic[] = [];
  #hasErrors = false;

  /** Adds a diagnostic with the severity of its code. */
  report(code: Code, span: Span, message: string, advice: Advice = {}): void {
    const { severity } = CODES[code];
    this.#list.push({ code, severity, message, span, ...advice });
    this.#hasErrors ||= severity === "error";
  }

  /** Whether a diagnostic has the severity error. If so, later stages of the compiler do not run. */
  get hasErrors(): boolean {
    return this.#hasErrors;
  }

  /** Returns all diagnostics, sorted by file and position, without repetitions. */
  sorted(): readonly Diagnostic[] {
    return sortDiagnostics(this.#list);
  }
}

/** Largest number of diagnostics of a run. Nearly every character of a spec can cause one. */
const MAX_DIAGNOSTICS = 10_000;

/**
 * Returns diagnostics sorted by file and position, without repetitions. If there are more than 10,000, the others are left
 * out, and a last diagnostic states how many.
 */
export function sortDiagnostics<C extends string>(
  diagnostics: readonly Diagnostic<C>[],
): readonly Diagnostic<C | Code>[] {
  const sorted = diagnostics.toSorted(
    (a, b) =>
      compareText(a.span.source.path, b.span.source.path) ||
      a.span.start - b.span.start ||
      compareText(a.code, b.code) ||
      compareText(a.message, b.message),
  );
  const unique = sorted.filter(({ span, message }, index) => {
    const previous = sorted[index - 1];
    return (
      previous?.span.start !== span.start ||
      previous.span.source.path !== span.source.path ||
      previous.message !== message
    );
  });
  const last = unique.at(-1);
  if (last === undefined || unique.length <= MAX_DIAGNOSTICS) return unique;
  const message = `${unique.length - MAX_DIAGNOSTICS} more problems are not reported`;
  const code = "diagnostic-limit";
  return [
    ...selectDiagnostics(unique, MAX_DIAGNOSTICS),
    { code, severity: CODES[code].severity, message, span: last.span },
  ];
}

/** Returns at most `limit` diagnostics of a sorted list, in the same order. If there are more, errors are preferred. */
export function selectDiagnostics<C extends string>(
  diagnostics: readonly Diagnostic<C>[],
  limit: number,
): readonly Diagnostic<C>[] {
  const isError = ({ severity }: Diagnostic<string>): boolean => severity === "error";
  const errors = diagnostics.filter(isError).slice(0, limit);
  const others = diagnostics.filter((diagnostic) => !isError(diagnostic)).slice(0, limit - errors.length);
  const selected = new Set([...errors, ...others]);
  return diagnostics.filter((diagnostic) => selected.has(diagnostic));
}

/** Compares texts by code units, independent of the locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
