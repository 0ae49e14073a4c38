import type { DocModel, DocTag } from "../emit/file-model.ts";
import type { Block, Inline, TableRow } from "../resolve/doc.ts";
import { docCode, docCodeLine, docText } from "./escape.ts";

/** Widest line of a doc comment, in characters, including indentation and stars. */
const WIDTH = 120;

/**
 * Returns the lines of a doc comment without indentation.
 *
 * @param indent - Indentation in characters, which makes lines shorter.
 */
export function docComment(model: DocModel, indent: number): readonly string[] {
  const width = WIDTH - indent - 3;
  const tags = model.tags.flatMap((tag) => tagLines(tag, width));
  const lines = [...textLines(model, width), ...tags].map(keepOpen);
  const [only = ""] = lines;
  if (lines.length === 1 && only.length + indent + 7 <= WIDTH) return [`/** ${only} */`];
  return ["/**", ...lines.map((line) => (line === "" ? " *" : ` * ${line}`)), " */"];
}

function textLines({ doc, sentence = "" }: DocModel, width: number): readonly string[] {
  const [first, ...rest] = doc.blocks;
  // A link is one word.
  const added = sentence.match(/\{@link [^}]*\}\S*|\S+/g) ?? [];
  if (first?.kind === "paragraph" && rest.length === 0) return wrap([...words(first.text), ...added], width);
  return [...blockLines(doc.blocks, width), ...wrap(added, width)];
}

/** Escapes the end mark of a comment in a line, so that the line does not end the comment. */
function keepOpen(line: string): string {
  return line.replaceAll("*/", "*\\/");
}

function tagLines({ tag, subject, doc }: DocTag, width: number): readonly string[] {
  const head = `@${tag}${subject === undefined ? "" : ` ${subject}`}`;
  const [first, ...rest] = doc.blocks;
  if (first === undefined) return [head];
  const separator = tag === "param" ? " -" : "";
  if (first.kind !== "paragraph") return [head + separator, ...indented(blockLines(doc.blocks, width - 2))];
  const lines = wrap([`${head}${separator}`, ...words(first.text)], width - 2);
  const more = blockLines(rest, width - 2);
  return [lines[0] ?? head, ...indented([...lines.slice(1), ...(more.length > 0 ? ["", ...more] : [])])];
}

function blockLines(blocks: readonly Block[], width: number): readonly string[] {
  return blocks.flatMap((block, index) => (index === 0 ? linesOf(block, width) : ["", ...linesOf(block, width)]));
}

function linesOf(block: Block, width: number): readonly string[] {
  switch (block.kind) {
    case "paragraph":
      return wrap(words(block.text), width);
    case "code":
      return ["```", ...block.text.split("\n").map(docCodeLine), "```"];
    case "rationale":
      return blockLines(block.blocks, width - 2).map((line) => (line === "" ? ">" : `> ${line}`));
    case "list":
      return block.items.flatMap((item, index) => itemLines(block.ordered ? `${index + 1}.` : "-", [], item, width));
    case "table":
      return [rowLine(block.head), rowLine(block.head.map(() => RULE)), ...block.rows.map(rowLine)];
    case "definitions":
      return block.items.flatMap(({ term, blocks }) => itemLines("-", words(term), blocks, width));
  }
}

const RULE: readonly Inline[] = [{ kind: "text", text: "---" }];

/** Returns a row of a Markdown table, which is always one line. */
function rowLine(cells: TableRow): string {
  return `| ${cells.map((cell) => words(cell).join(" ").replaceAll("|", "\\|")).join(" | ")} |`;
}

function itemLines(mark: string, term: readonly string[], blocks: readonly Block[], width: number): readonly string[] {
  const [first, ...rest] = blocks;
  const isText = first?.kind === "paragraph";
  const head = [mark, ...withColon(term, blocks.length > 0), ...(isText ? words(first.text) : [])];
  const lines = wrap(head, width - 2);
  const more = blockLines(isText ? rest : blocks, width - 2);
  return [lines[0] ?? mark, ...indented([...lines.slice(1), ...more])];
}

function withColon(term: readonly string[], hasText: boolean): readonly string[] {
  const last = term.at(-1);
  return last === undefined || !hasText ? term : [...term.slice(0, -1), `${last}:`];
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => (line === "" ? "" : `  ${line}`));
}

/** Returns the words of a text. A code span is one word and is joined to adjacent characters. */
function words(inlines: readonly Inline[]): readonly string[] {
  const result: string[] = [];
  let glue = false;
  for (const { kind, text } of inlines) {
    const parts = kind === "text" ? text.split(/\s+/) : [text.trim()];
    parts.forEach((part, index) => {
      const written = kind === "code" ? docCode(part) : kind === "emphasis" ? `*${docText(part)}*` : docText(part);
      const joins = index === 0 && glue && !(kind === "text" && /^\s/.test(text));
      if (joins && result.length > 0) result.push(`${result.pop()}${part === "" ? "" : written}`);
      else if (part !== "") result.push(written);
    });
    glue = !(kind === "text" && /\s$/.test(text));
  }
  return result;
}

function wrap(words: readonly string[], width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of words) {
    if (line === "") line = word;
    else if (line.length + 1 + word.length <= width) line += ` ${word}`;
    else {
      lines.push(line);
      line = word;
    }
  }
  return line === "" ? lines : [...lines, line];
}
