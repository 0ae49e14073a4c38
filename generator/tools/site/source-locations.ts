import { compareText } from "../../compiler/diagnostics/diagnostic.ts";
import type { SourceText, Span } from "../../compiler/diagnostics/source.ts";
import { NumberSuffixes } from "../../compiler/names/number-suffix.ts";
import type { Ir } from "../../compiler/resolve/ir.ts";
import type { Location } from "./location.ts";

/** A spec with a page that contains its text. */
export interface SourceFile {
  readonly source: SourceText;
  readonly page: string;
  /** Lines, from 1, to which other pages link. */
  readonly lines: ReadonlySet<number>;
}

/** The pages of the specs, and the lines of all declarations on them. */
export class SourceLocations {
  readonly #files = new Map<SourceText, { source: SourceText; page: string; lines: Set<number> }>();

  constructor(ir: Ir) {
    const spans = [...spansOf(ir)];
    const sources = [...new Set(spans.map(({ source }) => source))].toSorted((a, b) => compareText(a.path, b.path));
    const pages = new Set<string>();
    const suffixes = new NumberSuffixes();
    const isFree = (page: string): boolean => !pages.has(page.toLowerCase());
    for (const source of sources) {
      const name = `source-${baseName(source.path).replace(/[^\w.-]/g, "_")}`;
      const numbered = (number: number): string => `${name}-${number}.html`;
      const page = isFree(`${name}.html`) ? `${name}.html` : suffixes.firstFree(name.toLowerCase(), isFree, numbered);
      pages.add(page.toLowerCase());
      this.#files.set(source, { source, page, lines: new Set() });
    }
    for (const { source, start } of spans) this.#files.get(source)?.lines.add(source.position(start).line);
  }

  /** The specs, sorted by path. */
  get files(): readonly SourceFile[] {
    return [...this.#files.values()];
  }

  /** Returns the location of the line in which a declaration of the site begins. */
  of({ source, start }: Span): Location {
    const file = this.#files.get(source);
    if (file === undefined) throw new Error(`${source.path} has no page`);
    return { page: file.page, id: lineId(source.position(start).line) };
  }
}

/** Returns the id of a line on the page of a spec. */
export function lineId(line: number): string {
  return `L${line}`;
}

/** Returns the last element of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Returns the spans of all declarations that link to their spec. */
function* spansOf({ interfaces, shared, errorDomains }: Ir): Iterable<Span> {
  for (const { span, methods, signals, properties, types } of interfaces) {
    yield span;
    for (const declaration of [...methods, ...signals, ...properties, ...types]) yield declaration.span;
  }
  for (const { span, types } of shared) {
    yield span;
    for (const type of types) yield type.span;
  }
  for (const { span, errors } of errorDomains) {
    yield span;
    for (const error of errors) yield error.span;
  }
}
