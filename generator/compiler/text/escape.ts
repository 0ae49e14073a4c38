/**
 * Escapes for the text formats that the generator writes: one function per format. Escapes for TypeScript code and its
 * doc comments are in `print/escape.ts`.
 */

import { replaceHidden, unicodeEscape } from "./hidden-characters.ts";

const HTML_ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** A text that needs no escape in HTML. */
const PLAIN = /^[\x20!#-%(-;=?-~]*$/;

/**
 * Characters to escape in HTML, by the place of the text. In displayed markup, `>` is frequent and harmless, so it is
 * not escaped.
 */
const HTML_SPECIAL = { content: /[&<>]/g, attribute: /[&<>"]/g, markup: /[&<]/g };

/**
 * Returns a text as HTML, for the content of an element, for an attribute in double quotes, or for an element that displays
 * markup.
 */
export function escapeHtml(text: string, place: "content" | "attribute" | "markup"): string {
  if (PLAIN.test(text)) return text;
  return visible(text).replace(HTML_SPECIAL[place], (character) => HTML_ENTITIES[character] ?? "");
}

/**
 * Returns a text as XML, for the content of an element or an attribute in double quotes. Hidden characters become references,
 * and characters that XML does not allow become U+FFFD.
 */
export function escapeXml(text: string): string {
  const reference = (character: string): string =>
    /[\0-\x08\v\f\x0E-\x1F\uFFFE\uFFFF\p{Cs}]/u.test(character) ? "\uFFFD" : `&#${character.codePointAt(0)};`;
  const markup = text.replace(/[&<>"]/g, (character) => HTML_ENTITIES[character] ?? "");
  // CI services search their logs for commands such as ##[error].
  return replaceHidden(markup, reference).replaceAll("##", "#&#35;");
}

/** Returns a text as one line of Markdown without any markup, wherever on a line it is written. */
export function escapeMarkdown(text: string): string {
  return visible(text)
    .replace(/\s+/g, (space) => (space.includes("\n") ? " " : space))
    .replace(/[\\`*_{}[\]()<>#~!$]|:(?=\S)/g, "\\$&")
    .replace(/&/g, "&amp;")
    .replace(/\bwww\./gi, (match) => `${match.slice(0, -1)}\\.`)
    .replace(/^(\s*)([-+=])/, "$1\\$2")
    .replace(/^(\s*\d+)([.)])/, "$1\\$2");
}

/** Returns a text as a code span of Markdown. */
export function markdownCode(text: string): string {
  const line = visible(text).replace(/\s+/g, " ");
  // The fence is longer than any run of backticks in the text.
  const fence = "`".repeat(longestRun(line) + 1);
  const pad = line.startsWith("`") || line.endsWith("`") || line === "" ? " " : "";
  return `${fence}${pad}${line}${pad}${fence}`;
}

/** Returns a text as a code block of Markdown. */
export function markdownBlock(text: string, language: string): string {
  const fence = "`".repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}${language}\n${visible(text)}\n${fence}`;
}

/**
 * Returns a value as JSON that is also a JavaScript expression, with hidden characters escaped.
 * @param indent - Blanks per level; default: one line.
 */
export function jsonText(value: unknown, indent?: number): string {
  return replaceHidden(JSON.stringify(value, undefined, indent), unicodeEscape, "\n");
}

/** Returns a value as lines of JSON in which CI services find no command, such as `##[error]`. */
export function jsonLines(value: unknown, indent?: number): readonly string[] {
  return jsonText(value, indent).replaceAll("##", "#\\u0023").split("\n");
}

/** Returns a value as JSON that is also a JavaScript expression and cannot end a `script` element. */
export function escapeScript(value: unknown): string {
  return jsonText(value).replace(/[<>&]/g, unicodeEscape);
}

/** Returns a text as one word of a POSIX shell, in quotes only if it needs them. */
export function shellWord(text: string): string {
  if (/^[A-Za-z0-9_/.,:=+-]+$/.test(text)) return text;
  if (text.includes("'") && !/["$`\\!]/.test(text)) return `"${text}"`;
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Returns a text as a value of an INI file, such as a D-Bus activation file: one line with doubled backslashes. */
export function iniValue(text: string): string {
  return replaceHidden(text.replaceAll("\\", "\\\\"), () => " ");
}

/** Returns a text as a value of a systemd unit: an INI value in which `%` does not begin a specifier. */
export function unitValue(text: string): string {
  return iniValue(text).replaceAll("%", "%%");
}

/** Replaces hidden characters except tabs and line feeds. The selectors for display as text or emoji are removed. */
function visible(text: string): string {
  return replaceHidden(
    text.replace(/[\u2028\u2029\u0085]/g, " ").replace(/[\uFE0E\uFE0F]/g, ""),
    () => "\uFFFD",
    "\t\n",
  );
}

function longestRun(text: string): number {
  let longest = 0;
  for (const [run] of text.matchAll(/`+/g)) longest = Math.max(longest, run.length);
  return longest;
}
