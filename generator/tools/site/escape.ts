/** What a text is escaped for: characters that end or begin markup. */
const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** A text as HTML, in an element or between quotes of an attribute. Every text that a site shows goes through here. */
export function escapeHtml(text: string): string {
  return visible(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}

/** A text as Markdown that means nothing but itself, wherever on a line it stands. */
export function escapeMarkdown(text: string): string {
  return visible(text)
    .replace(/\s*\n\s*/g, " ")
    .replace(/[\\`*_{}[\]()<>#~!$]|:(?=\S)/g, "\\$&")
    .replace(/&/g, "&amp;")
    .replace(/\bwww\./gi, (match) => `${match.slice(0, -1)}\\.`)
    .replace(/^(\s*)([-+=])/, "$1\\$2")
    .replace(/^(\s*\d+)([.)])/, "$1\\$2");
}

/** A code span of Markdown; its fence is longer than any run of backticks in it. */
export function markdownCode(text: string): string {
  const line = visible(text).replace(/\s+/g, " ");
  const fence = "`".repeat(longestRun(line) + 1);
  const pad = line.startsWith("`") || line.endsWith("`") || line === "" ? " " : "";
  return `${fence}${pad}${line}${pad}${fence}`;
}

/** A code block of Markdown. */
export function markdownBlock(text: string, language: string): string {
  const fence = "`".repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}${language}\n${visible(text)}\n${fence}`;
}

/** A text as JSON that is also a script, and cannot end the element of one. */
export function escapeScript(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u007F-\u009F\u2028\u2029\uFEFF]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A word for the shell: as it is where nothing in it has a meaning, else in quotes. */
export function shellWord(text: string): string {
  if (/^[A-Za-z0-9_/.,:=+-]+$/.test(text)) return text;
  if (text.includes("'") && !/["$`\\!]/.test(text)) return `"${text}"`;
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Replaces what turns the direction of text, ends a line where none is seen, or is no text at all. */
function visible(text: string): string {
  return text
    .replace(/[\u2028\u2029\u0085]/g, " ")
    .replace(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069\uFEFF]/g, "\uFFFD");
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}
