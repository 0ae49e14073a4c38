import { isIdentifier } from "../names/words.ts";
import { jsonText } from "../text/escape.ts";
import { replaceHidden } from "../text/hidden-characters.ts";

/** Returns a text as a string literal. Every text of a spec that becomes code is passed to this function. */
export function stringLiteral(text: string): string {
  return jsonText(text);
}

/** Returns the template literal type of all strings that start with one text and end with another. */
export function templateType(prefix: string, suffix: string): string {
  const inTemplate = (text: string): string =>
    jsonText(text)
      .slice(1, -1)
      .replace(/`|\$(?=\{)/g, "\\$&");
  return `\`${inTemplate(prefix)}\${string}${inTemplate(suffix)}\``;
}

/** Returns a key of an object literal. `__proto__` becomes a computed key, since a plain key would set the prototype. */
export function objectKey(name: string): string {
  if (name === "__proto__") return '["__proto__"]';
  return isIdentifier(name) ? name : stringLiteral(name);
}

/** Escapes a text for a doc comment, so that it forms no tag or markup. */
export function docText(text: string): string {
  return clean(text).replace(/[\\`{}<>@]/g, "\\$&");
}

/** Returns a text as a code span for a doc comment. */
export function docCode(text: string): string {
  return `\`${codeText(text).replaceAll("`", "'").trim()}\``;
}

/** Escapes a line for a code block in a doc comment. */
export function docCodeLine(text: string): string {
  return codeText(text)
    .replaceAll("```", "'''")
    .replace(/^(\s*)@/, "$1\\@");
}

function codeText(text: string): string {
  return clean(text).replace(/\*(?=\/)/g, "* ");
}

function clean(text: string): string {
  return replaceHidden(text, () => " ");
}
