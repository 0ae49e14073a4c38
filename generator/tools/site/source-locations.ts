import { compareText } from "../../compiler/diagnostics/diagnostic.ts";
import type { SourceText, Span } from "../../compiler/diagnostics/source.ts";
import { NumberSuffixes } from "../../compiler/names/number-suffix.ts";
import type { ErrorDomain, Interface, Ir, SharedTypes } from "../../compiler/resolve/ir.ts";
import type { Location } from "./location.ts";

/** A spec whose text is on a page. */
export interface SourceFile {
  readonly source: SourceText;
  readonly page: string;
  /** Lines, from 1, to which other pages link. */
  readonly lines: ReadonlySet<number>;
}

/**
 * The pages of the specs, and the lines of all declarations on them. The text of a spec that declares one interface is
 * on the page of the interface. All other specs have separate pages.
 */
export class SourceLocations {
  readonly #files = new Map<SourceText, { source: SourceText; page: string; lines: Set<number> }>();
  readonly #onPages = new Map<Interface, SourceFile>();

  /** @param pageOf - Returns the page of an interface. */
  constructor(ir: Ir, pageOf: (iface: Interface) => string) {
    const spans = [...spansOf(ir)];
    const owners = ownersBySource(ir);
    for (const iface of ir.interfaces) {
      const { source } = iface.span;
      if (owners.get(source)?.size !== 1) continue;
      const file = { source, page: pageOf(iface), lines: new Set<number>() };
      this.#files.set(source, file);
      this.#onPages.set(iface, file);
    }
    const others = spans.map(({ source }) => source).filter((source) => !this.#files.has(source));
    const sources = [...new Set(others)].toSorted((a, b) => compareText(a.path, b.path));
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

  /** The specs that have separate pages, sorted by path. */
  get separate(): readonly SourceFile[] {
    const onPages = new Set(this.#onPages.values());
    return [...this.#files.values()].filter((file) => !onPages.has(file));
  }

  /** Returns the spec whose text is on the page of an interface. */
  onPageOf(iface: Interface): SourceFile | undefined {
    return this.#onPages.get(iface);
  }

  /** Returns the location of the line in which a declaration begins. */
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
function* spansOf(ir: Ir): Iterable<Span> {
  for (const owner of [...ir.interfaces, ...ir.shared, ...ir.errorDomains]) yield* spansIn(owner);
}

/** Returns the spans of the subject of a page and of the declarations in it. */
function* spansIn(owner: Interface | SharedTypes | ErrorDomain): Iterable<Span> {
  yield owner.span;
  if ("methods" in owner)
    for (const member of [...owner.methods, ...owner.signals, ...owner.properties]) yield member.span;
  if ("types" in owner) for (const type of owner.types) yield type.span;
  if ("errors" in owner) for (const error of owner.errors) yield error.span;
}

/** Returns for each spec the subjects of the pages that describe its declarations. */
function ownersBySource(ir: Ir): ReadonlyMap<SourceText, ReadonlySet<object>> {
  const owners = new Map<SourceText, Set<object>>();
  for (const owner of [...ir.interfaces, ...ir.shared, ...ir.errorDomains])
    for (const { source } of spansIn(owner)) owners.set(source, (owners.get(source) ?? new Set()).add(owner));
  return owners;
}
