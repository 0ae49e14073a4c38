/**
 * Escapes for the text formats that the generator writes: one function per format. Escapes for TypeScript code and its
 * doc comments are in `print/escape.ts`.
 */

const HTML_ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Returns a text as HTML, for the content of an element or a quoted attribute. */
export function escapeHtml(text: string): string {
  return visible(text).replace(/[&<>"']/g, (character) => HTML_ENTITIES[character] ?? "");
}

/** Returns a text as XML, for the content of an element or an attribute in double quotes. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"\n\t\r]/g, (character) => HTML_ENTITIES[character] ?? `&#${character.charCodeAt(0)};`);
}

/** Returns a text as one line of Markdown without any markup, wherever on a line it is written. */
export function escapeMarkdown(text: string): string {
  return visible(text)
    .replace(/\s*\n\s*/g, " ")
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

/** Returns a value as JSON that is also a JavaScript expression and cannot end a `script` element. */
export function escapeScript(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u007F-\u009F\u2028\u2029\uFEFF]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Returns a text as one word of a POSIX shell, in quotes only if it needs them. */
export function shellWord(text: string): string {
  if (/^[A-Za-z0-9_/.,:=+-]+$/.test(text)) return text;
  if (text.includes("'") && !/["$`\\!]/.test(text)) return `"${text}"`;
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Returns a text as a value of an INI file, such as a D-Bus activation file: one line with doubled backslashes. */
export function iniValue(text: string): string {
  return text.replaceAll("\\", "\\\\").replace(/[\u0000-\u001F\u007F]/g, " ");
}

/** Returns a text as a value of a systemd unit: an INI value in which `%` does not begin a specifier. */
export function unitValue(text: string): string {
  return iniValue(text).replaceAll("%", "%%");
}

/** Replaces characters that are invisible, end a line unexpectedly or change the direction of text. */
function visible(text: string): string {
  return text
    .replace(/[\u2028\u2029\u0085]/g, " ")
    .replace(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069\uFEFF]/g, "\uFFFD");
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}
