import { Diagnostics } from "../diagnostics/diagnostic.ts";
import { SourceText } from "../diagnostics/source.ts";
import { attributeOf, childrenNamed, type XmlElement, type XmlNode } from "./xml-element.ts";
import { parseXml } from "./xml-tree.ts";

/** The content of a comment in gtk-doc format, which documents the element after it. */
export interface GtkDoc {
  /** Paragraphs, separated by empty lines. */
  readonly text: string;
  /** Version in which the element was added. */
  readonly since?: string;
  /** Version in which the element was deprecated, or a sentence about it; empty if neither is known. */
  readonly deprecated?: string;
  /** Documentation of arguments by their names. */
  readonly args: ReadonlyMap<string, string>;
}

/** A line that states the version in which the element was added. */
const SINCE = /^Since:? +([\w.-]+)\.?$/m;
/**
 * A line that begins the note on the deprecation of the element. The note ends before an empty line or a line that
 * matches `NEXT_NOTE`.
 */
const DEPRECATED = /^Deprecated:\s*/;
const NEXT_NOTE = /^(?:Since|Stability|Returns|Deprecated)\b:?/;
const PARAMETER = /^@([\w-]+):\s*(.*)$/;

/**
 * Parses a comment whose first line is the name of the element. Lines of `@argument: text` follow, each up to the next
 * one or an empty line, then paragraphs. `@since: version` and `@short_description: text` are about the element itself,
 * as are `Since: version` and `Deprecated: version: text` among the paragraphs.
 * Returns undefined for a comment that does not begin with the name.
 *
 * @param args - Names of the element's arguments.
 */
export function readGtkDoc(comment: string, name: string, args: readonly string[] = []): GtkDoc | undefined {
  const [first = "", ...lines] = comment.trim().split(/\r?\n/);
  const heading = first.trim();
  if ((heading.endsWith(":") ? heading.slice(0, -1).trimEnd() : heading) !== name) return undefined;
  // An argument may have the name "since" or "short_description".
  const isAboutElement = (parameter: string): boolean => !args.includes(parameter);
  const text: string[] = [];
  const parameters = new Map<string, string[]>();
  let current = text;
  let isListing = false;
  for (const rawLine of lines) {
    const line = isListing ? rawLine.trimEnd() : rawLine.trim();
    const [, parameter, begin = ""] = isListing ? [] : (PARAMETER.exec(line) ?? []);
    isListing = endsInListing(line, isListing);
    if (parameter !== undefined) {
      const description = [begin];
      parameters.set(parameter, description);
      current = parameter === "since" && isAboutElement(parameter) ? text : description;
    } else {
      if (line === "") current = text;
      current.push(line);
    }
  }
  const textOf = (parameter: string): string => parameters.get(parameter)?.join(" ").trim() ?? "";
  const elementText = (parameter: string): string => (isAboutElement(parameter) ? textOf(parameter) : "");
  const since = elementText("since") || (SINCE.exec(text.join("\n"))?.[1] ?? "");
  const [rest, deprecated] = withoutDeprecation(text);
  const paragraphs = rest
    .filter((line) => !SINCE.test(line))
    .join("\n")
    .trim();
  return {
    text: [elementText("short_description"), paragraphs].filter((part) => part !== "").join("\n\n"),
    ...(since !== "" && { since }),
    ...(deprecated !== undefined && { deprecated }),
    args: new Map(args.filter((arg) => parameters.has(arg)).map((arg) => [arg, textOf(arg)])),
  };
}

/** Returns whether a listing of code, `|[…]|`, continues after a line. */
function endsInListing(line: string, isListing: boolean): boolean {
  const [begin, end] = [line.lastIndexOf("|["), line.lastIndexOf("]|")];
  return begin === end ? isListing : begin > end;
}

/** Separates the note on the deprecation from the other lines of a comment. */
function withoutDeprecation(
  lines: readonly string[],
): readonly [rest: readonly string[], deprecated: string | undefined] {
  const start = lines.findIndex((line) => DEPRECATED.test(line));
  if (start === -1) return [lines, undefined];
  const length = lines.slice(start + 1).findIndex((line) => line === "" || NEXT_NOTE.test(line));
  const end = length === -1 ? lines.length : start + 1 + length;
  const note = lines
    .slice(start, end)
    .join(" ")
    .replace(DEPRECATED, "")
    .replace(/[#%](?=\w)/g, "")
    .trim();
  const [, version, sentence = ""] = /^(\d[\w.-]*)(?:: *(.*))?$/.exec(note) ?? [];
  const deprecated = version === undefined ? note : sentence === "" ? version : `Since ${version}: ${sentence}`;
  return [[...lines.slice(0, start), ...lines.slice(end)], deprecated];
}

/** Returns the text and elements of a text with DocBook. A text that is not well-formed is returned as it is. */
export function docBookOf(text: string): readonly XmlNode[] {
  if (!/[<&]/.test(text)) return [{ kind: "text", text }];
  const root = parseXml(new SourceText("", `<comment>${text}</comment>`), new Diagnostics());
  return root?.children ?? [{ kind: "text", text }];
}

/** Returns the documentation in the comment before an element. */
export function commentOf(element: XmlElement, comment: string | undefined): GtkDoc | undefined {
  const nameOf = (named: XmlElement): string => attributeOf(named, "name")?.value ?? "";
  return comment === undefined
    ? undefined
    : readGtkDoc(comment, nameOf(element), childrenNamed(element, "", "arg").map(nameOf));
}
