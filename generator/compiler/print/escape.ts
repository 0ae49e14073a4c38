import { isIdentifier } from "../names/words.ts";

/** Returns a text as a string literal. Every text of a spec that becomes code is passed to this function. */
export function stringLiteral(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007F-\u009F\u2028\u2029\uFEFF]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Returns a key of an object literal. `__proto__` becomes a computed key, since a plain key would set the prototype. */
export function objectKey(name: string): string {
  if (name === "__proto__") return '["__proto__"]';
  return isIdentifier(name) ? name : stringLiteral(name);
}

/** Returns a text for a doc comment, in which it cannot form a tag or markup. */
export function docText(text: string): string {
  return clean(text).replace(/[\\`{}<>@]/g, "\\$&");
}

/** Returns a text as a code span for a doc comment. */
export function docCode(text: string): string {
  return `\`${codeText(text).replaceAll("`", "'").trim()}\``;
}

/** Returns a line for a code block in a doc comment. */
export function docCodeLine(text: string): string {
  return codeText(text)
    .replaceAll("```", "'''")
    .replace(/^(\s*)@/, "$1\\@");
}

function codeText(text: string): string {
  return clean(text).replace(/\*(?=\/)/g, "* ");
}

/** Replaces characters that are invisible or that editors treat as line ends. */
function clean(text: string): string {
  return text.replace(/[\u0000-\u001F\u007F-\u009F\u2028\u2029\u200B-\u200F\u202A-\u202E\u2066-\u2069\uFEFF]/g, " ");
}
