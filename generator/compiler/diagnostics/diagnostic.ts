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

  /** Adds a diagnostic with the severity of its code. */
  report(code: Code, span: Span, message: string, advice: Advice = {}): void {
    this.#list.push({ code, severity: CODES[code].severity, message, span, ...advice });
  }

  /** Whether a diagnostic has the severity error. Later stages do not run then. */
  get hasErrors(): boolean {
    return this.#list.some(({ severity }) => severity === "error");
  }

  /** Returns all diagnostics, sorted by file and position, without repetitions. */
  sorted(): readonly Diagnostic[] {
    return sortDiagnostics(this.#list);
  }
}

/** Returns diagnostics sorted by file and position, without repetitions. */
export function sortDiagnostics<C extends string>(diagnostics: readonly Diagnostic<C>[]): readonly Diagnostic<C>[] {
  const sorted = diagnostics.toSorted(
    (a, b) =>
      compareText(a.span.source.path, b.span.source.path) ||
      a.span.start - b.span.start ||
      compareText(a.code, b.code) ||
      compareText(a.message, b.message),
  );
  return sorted.filter(({ span, message }, index) => {
    const previous = sorted[index - 1];
    return (
      previous?.span.start !== span.start ||
      previous.span.source.path !== span.source.path ||
      previous.message !== message
    );
  });
}

/** Compares texts by code units, independent of the locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
