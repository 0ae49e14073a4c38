import {
  type Alias,
  Composer,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  type Node,
  Parser,
  visit,
  type YAMLMap,
  YAMLParseError,
} from "yaml";
import { compareText, type Diagnostics } from "../../compiler/diagnostics/diagnostic.ts";
import { type Source, SourceText, type Span } from "../../compiler/diagnostics/source.ts";

const TOO_DEEP = "the text is nested too deeply";
/** Largest number of nested collections. A script with values of the greatest depth of a message has fewer. */
const MAX_NESTED_COLLECTIONS = 200;
/** Largest number of times that aliases of a document are resolved. */
const MAX_RESOLVED_ALIASES = 10_000;

/** A parsed YAML or JSON text with the position of each node. JSON is read as YAML. */
export class YamlDocument {
  readonly source: SourceText;
  readonly root: Node | null;
  readonly #aliases: ReadonlyMap<Alias, Node>;
  readonly #diagnostics: Diagnostics;
  readonly #entries = new Map<Node, ReadonlyMap<string, Entry>>();
  #resolvedAliases = 0;

  private constructor(
    source: SourceText,
    root: Node | null,
    aliases: ReadonlyMap<Alias, Node>,
    diagnostics: Diagnostics,
  ) {
    this.source = source;
    this.root = root;
    this.#aliases = aliases;
    this.#diagnostics = diagnostics;
  }

  /** Parses a text. Returns undefined after reporting `values-syntax` diagnostics. */
  static parse({ path, content }: Source, diagnostics: Diagnostics): YamlDocument | undefined {
    const source = new SourceText(path, typeof content === "string" ? content : Buffer.from(content).toString("utf8"));
    const report = (start: number, end: number, message: string): void =>
      diagnostics.report("values-syntax", { source, start, end }, message);
    try {
      const document = composeDocument(source.text);
      if (document === undefined) {
        report(0, 1, TOO_DEEP);
        return undefined;
      }
      for (const { pos, message } of document.errors.toSorted((a, b) => compareText(a.message, b.message)))
        report(pos[0], pos[1], message);
      const anchors = new Map<string, Node>();
      const aliases = new Map<Alias, Node>();
      visit(document, {
        Node: (_, node) => {
          if (isMap(node)) for (const [start, end] of repeatedKeys(node)) report(start, end, "Map keys must be unique");
          if (!isAlias(node)) {
            if (node.anchor !== undefined) anchors.set(node.anchor, node);
            return;
          }
          const [start, end] = node.range ?? [0, 1];
          const target = anchors.get(node.source);
          if (target === undefined) report(start, end, `the anchor &${node.source} is not defined`);
          else aliases.set(node, target);
        },
      });
      if (diagnostics.hasErrors) return undefined;
      return new YamlDocument(source, document.contents, aliases, diagnostics);
    } catch (error) {
      // The parser throws for some texts that are not YAML.
      report(0, 1, `the text is not YAML: ${String(error)}`);
      return undefined;
    }
  }

  /** Returns the node of a value; for an alias, the node with its anchor. */
  resolve(value: unknown): Node | undefined {
    if (isAlias(value)) return this.#resolveAlias(value);
    return isMap(value) || isSeq(value) || isScalar(value) ? value : undefined;
  }

  /** Resolves an alias. Nested aliases can repeat a value exponentially often, so there is a limit. */
  #resolveAlias(alias: Alias): Node | undefined {
    this.#resolvedAliases++;
    if (this.#resolvedAliases === MAX_RESOLVED_ALIASES) {
      const span = this.span(alias);
      this.#diagnostics.report("values-syntax", span, `aliases repeat values more than ${MAX_RESOLVED_ALIASES} times`);
    }
    return this.#resolvedAliases < MAX_RESOLVED_ALIASES ? this.#aliases.get(alias) : undefined;
  }

  /** Returns the first entry of a map with a name, or undefined for another node. */
  entry(node: Node, name: string): Entry | undefined {
    let entries = this.#entries.get(node);
    if (entries === undefined) {
      // Of entries with equal names, such as keys that are not scalars, the last one of a Map would count.
      entries = new Map((entriesOf(node) ?? []).toReversed().map((entry) => [entry.name, entry]));
      this.#entries.set(node, entries);
    }
    return entries.get(name);
  }

  /** Returns the position of a node, or the start of the text for anything else. */
  span(value: unknown): Span {
    const node = isAlias(value) || isMap(value) || isSeq(value) || isScalar(value) ? value : undefined;
    const [start, end] = node?.range ?? [0, 0];
    return { source: this.source, start, end: Math.max(start, end) };
  }

  /**
   * Returns a node as a plain value. Integers become numbers. Values that are nested deeper than `depth` become
   * undefined.
   */
  toPlain(value: unknown, depth: number): unknown {
    const node = this.resolve(value);
    if (depth < 0) return undefined;
    const entries = entriesOf(node);
    if (entries !== undefined)
      return Object.fromEntries(entries.map((entry) => [entry.name, this.toPlain(entry.value, depth - 1)]));
    const items = itemsOf(node);
    if (items !== undefined) return items.map((item) => this.toPlain(item, depth - 1));
    const scalar = scalarOf(node)?.value ?? null;
    return typeof scalar === "bigint" ? Number(scalar) : scalar;
  }

  /**
   * Returns the node at a path of keys and indexes, or the node above it if it does not exist.
   * @param isKey - Whether the last key itself is meant, not its value.
   */
  nodeAt(path: readonly PropertyKey[], isKey: boolean): unknown {
    let value: unknown = this.root;
    for (const [index, key] of path.entries()) {
      const node = this.resolve(value);
      const entry = node && this.entry(node, String(key));
      const next = entry === undefined ? itemsOf(node)?.[Number(key)] : entry.value;
      if (entry !== undefined && isKey && index === path.length - 1) return entry.key;
      if (next === undefined || next === null) return value;
      value = next;
    }
    return value;
  }
}

/** Parses a text to the end. Returns undefined if it is nested too deeply for the stack of the composer. */
function composeDocument(text: string): Document.Parsed | undefined {
  const parser = new Parser();
  // A number cannot represent all 64-bit integers. The library takes quadratic time to find repeated keys.
  const composer = new Composer({ intAsBigInt: true, uniqueKeys: false, prettyErrors: false, resolveKnownTags: false });
  const tokens = [];
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    if (parser.stack.length > MAX_NESTED_COLLECTIONS) return undefined;
  }
  for (const token of parser.end()) tokens.push(token);
  const [document, second] = composer.compose(tokens, true, text.length);
  if (document === undefined || second === undefined) return document;
  const [start, end] = second.range;
  document.errors.push(new YAMLParseError([start, end], "MULTIPLE_DOCS", "the text contains several documents"));
  return document;
}

/** Returns the text ranges of repeated keys of a map, without the first occurrence of each. */
function repeatedKeys({ items }: YAMLMap): readonly (readonly [start: number, end: number])[] {
  const values = new Set<unknown>();
  return items.flatMap(({ key }) => {
    if (!isScalar(key)) return [];
    if (!values.has(key.value)) {
      values.add(key.value);
      return [];
    }
    const [start, end] = key.range ?? [0, 1];
    return [[start, end] as const];
  });
}

/** One entry of a map. */
export interface Entry {
  readonly name: string;
  readonly key: unknown;
  readonly value: unknown;
}

/** Returns the entries of a map, or undefined for another node. A key that is not a scalar gets an empty name. */
export function entriesOf(node: Node | undefined): readonly Entry[] | undefined {
  if (!isMap(node)) return undefined;
  return node.items.map(({ key, value }) => ({ name: isScalar(key) ? String(key.value) : "", key, value }));
}

/** Returns the items of a sequence, or undefined for another node. */
export function itemsOf(node: Node | undefined): readonly unknown[] | undefined {
  return isSeq(node) ? node.items : undefined;
}

/** Returns the value of a scalar, or undefined for another node. */
export function scalarOf(node: Node | undefined): { readonly value: unknown } | undefined {
  return isScalar(node) ? { value: node.value } : undefined;
}

/** Returns a description of a node for messages: its kind, or the value of a scalar. */
export function describeNode(node: Node | undefined): string {
  if (isMap(node)) return "a map";
  if (isSeq(node)) return "a list";
  const value = scalarOf(node)?.value;
  if (value === null || value === undefined) return "nothing";
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 37)}...` : value);
  return String(value);
}
