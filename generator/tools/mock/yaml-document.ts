import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  parseDocument,
  type Scalar,
  visit,
  type YAMLSeq,
} from "yaml";
import { compareText, type Diagnostics } from "../../compiler/diagnostics/diagnostic.ts";
import { type Source, SourceText, type Span } from "../../compiler/diagnostics/source.ts";

/** A file of values in JSON or YAML, with the place of everything in it. JSON is YAML: one reader serves both. */
export class ValuesDocument {
  readonly source: SourceText;
  readonly root: Node | null;
  readonly #resolve: (alias: Alias) => Node | undefined;

  private constructor(source: SourceText, root: Node | null, resolve: (alias: Alias) => Node | undefined) {
    this.source = source;
    this.root = root;
    this.#resolve = resolve;
  }

  /** Parses a file; undefined after a complaint. */
  static parse({ path, content }: Source, diagnostics: Diagnostics): ValuesDocument | undefined {
    const source = new SourceText(path, typeof content === "string" ? content : Buffer.from(content).toString("utf8"));
    const problems = diagnosticsOf(source, diagnostics);
    try {
      // Numbers of 64 bits must not be rounded.
      const document = parseDocument(source.text, { intAsBigInt: true, prettyErrors: false });
      for (const { pos, message } of document.errors.toSorted((a, b) => compareText(a.message, b.message)))
        problems(pos[0], pos[1], message);
      visit(document, {
        Alias: (_, alias) => {
          const [start, end] = alias.range ?? [0, 1];
          if (alias.resolve(document) === undefined) problems(start, end, `nothing is called &${alias.source}`);
        },
      });
      if (diagnostics.hasErrors) return undefined;
      return new ValuesDocument(source, document.contents, (alias) => alias.resolve(document));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      problems(0, 1, "it is nested too deeply");
      return undefined;
    }
  }

  /** What a node stands for: an alias is what it repeats. */
  node(value: unknown): Node | undefined {
    if (isAlias(value)) return this.#resolve(value);
    return isMap(value) || isSeq(value) || isScalar(value) ? value : undefined;
  }

  span(value: unknown): Span {
    const node = isAlias(value) || isMap(value) || isSeq(value) || isScalar(value) ? value : undefined;
    const [start, end] = node?.range ?? [0, 0];
    return { source: this.source, start, end: Math.max(start, end) };
  }
}

function diagnosticsOf(source: SourceText, diagnostics: Diagnostics) {
  return (start: number, end: number, message: string): void =>
    diagnostics.report("values-syntax", { source, start, end }, message);
}

/** One entry of a map. */
export interface Entry {
  readonly name: string;
  readonly key: unknown;
  readonly value: unknown;
}

/** Entries of a map whose keys are texts or numbers; undefined where the node is no map. */
export function entriesOf(node: Node | undefined): readonly Entry[] | undefined {
  if (!isMap(node)) return undefined;
  return node.items.map(({ key, value }) => ({ name: isScalar(key) ? String(key.value) : "", key, value }));
}

/** Items of a sequence; undefined where the node is none. */
export function itemsOf(node: Node | undefined): readonly unknown[] | undefined {
  return isSeq(node) ? (node satisfies YAMLSeq).items : undefined;
}

/** The value of a scalar; undefined where the node is none. */
export function scalarOf(node: Node | undefined): { readonly value: unknown } | undefined {
  return isScalar(node) ? { value: (node satisfies Scalar).value } : undefined;
}

/** What a node is, in a word. */
export function kindOf(node: Node | undefined): string {
  if (isMap(node)) return "a map";
  if (isSeq(node)) return "a list";
  const value = scalarOf(node)?.value;
  if (value === null || value === undefined) return "nothing";
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 37)}...` : value);
  return String(value);
}
