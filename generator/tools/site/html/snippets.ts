import { SNIPPET_TITLES, type Snippet, type SnippetPart } from "../snippet.ts";
import { type Html, type HtmlElement, h } from "./element.ts";

const KINDS = ["client", "service", "busctl", "gdbus"] as const;

/**
 * Returns the radio buttons that select the kind of snippet for a whole page. They work without a script, and are
 * visible only while they have the keyboard focus, because each group of snippets shows labels for them.
 */
export function snippetChoice(): HtmlElement {
  return h(
    "fieldset",
    { class: "choice" },
    h("legend", {}, "Snippets"),
    KINDS.map((kind, index) => [
      h("input", {
        type: "radio",
        name: "snippets",
        id: inputId(kind),
        "aria-label": SNIPPET_TITLES[kind],
        ...(index === 0 && { checked: true }),
      }),
      h("span", { "aria-hidden": "true" }, SNIPPET_TITLES[kind]),
    ]),
  );
}

/** Returns all kinds of snippets for a declaration. Only the selected kind is displayed. */
export function snippetGroup(snippets: readonly Snippet[]): Html {
  if (snippets.length === 0) return [];
  return h(
    "div",
    { class: "snippets" },
    snippets.map(({ kind }) => h("label", { for: inputId(kind) }, SNIPPET_TITLES[kind])),
    "\n",
    snippets.map(({ kind, imports, body }) => {
      const head = imports.length === 0 ? [] : [`${imports.join("\n")}\n\n`];
      return h("pre", { class: kind }, [...head, ...body].map(partHtml));
    }),
  );
}

function inputId(kind: Snippet["kind"]): string {
  return `show-${kind}`;
}

/** Returns a part of a snippet as HTML. A value that is known has the class `known`. */
function partHtml(part: SnippetPart): Html {
  if (typeof part === "string") return part;
  const { placeholder, text, isKnown } = part;
  return h("var", { class: isKnown && placeholder !== "bus" ? `${placeholder} known` : placeholder }, text);
}
