import { isIdentifier } from "../names/words.ts";

/** A string literal. Every text of a spec that becomes code goes through here. */
export function stringLiteral(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007F-\u009F\u2028\u2029\uFEFF]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A key of an object literal; `__proto__` is computed, because plain it would set the prototype. */
export function objectKey(name: string): string {
  if (name === "__proto__") return '["__proto__"]';
  return isIdentifier(name) ? name : stringLiteral(name);
}

/** A text inside a doc comment: it can form neither a tag nor markup. */
export function docText(text: string): string {
  return clean(text).replace(/[\\`{}<>@]/g, "\\$&");
}

/** A code span inside a doc comment. */
export function docCode(text: string): string {
  return `\`${codeText(text).replaceAll("`", "'").trim()}\``;
}

/** A line of a code block inside a doc comment. */
export function docCodeLine(text: string): string {
  return codeText(text)
    .replaceAll("```", "'''")
    .replace(/^(\s*)@/, "$1\\@");
}

function codeText(text: string): string {
  return clean(text).replace(/\*(?=\/)/g, "* ");
}

/** Replaces what editors take for a line end or show as nothing. */
function clean(text: string): string {
  return text.replace(/[\u0000-\u001F\u007F-\u009F\u2028\u2029\u200B-\u200F\u202A-\u202E\u2066-\u2069\uFEFF]/g, " ");
}
