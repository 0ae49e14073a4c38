import { CODES, type Code, type Severity } from "./codes.ts";
import type { Span } from "./source.ts";

/** One complaint about a spec: what is wrong, where, and what to do about it. */
export interface Diagnostic<C extends string = Code> {
  /** Of the table of codes, or of that of another kind of finding, such as a lint rule. */
  readonly code: C;
  readonly severity: Severity;
  readonly message: string;
  readonly span: Span;
  readonly hint?: string;
  /** Another place that is part of the complaint, such as the first of two definitions. */
  readonly related?: { readonly message: string; readonly span: Span };
}

/** What a complaint may say beside its message. */
export type Advice = Pick<Diagnostic, "hint" | "related">;

/** Collects complaints while the stages run. */
export class Diagnostics {
  readonly #list: Diagnostic[] = [];

  report(code: Code, span: Span, message: string, advice: Advice = {}): void {
    this.#list.push({ code, severity: CODES[code].severity, message, span, ...advice });
  }

  get hasErrors(): boolean {
    return this.#list.some(({ severity }) => severity === "error");
  }

  /** All complaints by file, then by place in it; equal ones once. */
  sorted(): readonly Diagnostic[] {
    return sortDiagnostics(this.#list);
  }
}

/** Diagnostics by file, then by place in it; equal ones once. */
export function sortDiagnostics<C extends string>(diagnostics: readonly Diagnostic<C>[]): readonly Diagnostic<C>[] {
  const sorted = diagnostics.toSorted(
    (a, b) =>
      compareText(a.span.source.path, b.span.source.path) ||
      a.span.start - b.span.start ||
      compareText(a.code, b.code) ||
      compareText(a.message, b.message),
  );
  return sorted.filter((one, index) => {
    const before = sorted[index - 1];
    return (
      before?.span.start !== one.span.start ||
      before.span.source.path !== one.span.source.path ||
      before.message !== one.message
    );
  });
}

/** Orders texts by code unit, the same on every machine. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
