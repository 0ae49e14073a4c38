import { highlight } from "../highlight.ts";
import { type Placeholder, SNIPPET_TITLES, type Snippet, type SnippetPart } from "../snippet.ts";
import { type Html, type HtmlElement, h } from "./element.ts";

/**
 * Returns tabs with one snippet each. They are radio buttons, so that they work without a script.
 *
 * @param id - The id of the declaration, which is unique on its page.
 */
export function snippetTabs(snippets: readonly Snippet[], id: string): Html {
  if (snippets.length === 0) return [];
  const tabs = snippets.map(({ kind }, index) => tab(kind, `snippet:${id}:${kind}`, id, index === 0));
  return h(
    "fieldset",
    { class: "tabs" },
    h("legend", { class: "hidden" }, "Snippets"),
    ...tabs.flat(),
    ...snippets.map((snippet) => panel(snippet)),
  );
}

function tab(kind: Snippet["kind"], id: string, group: string, isFirst: boolean): readonly HtmlElement[] {
  const name = `snippet:${group}`;
  const checked = isFirst ? { checked: true as const } : {};
  return [
    h("input", { type: "radio", class: `tab tab-${kind}`, name, id, value: kind, autocomplete: "off", ...checked }),
    h("label", { for: id }, SNIPPET_TITLES[kind]),
  ];
}

function panel({ kind, language, imports, body }: Snippet): HtmlElement {
  const head = imports.length === 0 ? [] : [`${imports.join("\n")}\n\n`];
  const code = [...head, ...body].map((part) => partHtml(part, language));
  return h(
    "div",
    { class: `panel panel-${kind}` },
    h("p", { class: "caption" }, SNIPPET_TITLES[kind]),
    h("pre", { tabindex: "0", "data-copy": "" }, h("code", {}, code)),
  );
}

function partHtml(part: SnippetPart, language: Snippet["language"]): Html {
  if (typeof part !== "string") return placeholderHtml(part);
  return highlight(part, language).map(({ kind, text }) =>
    kind === undefined ? text : h("span", { class: `hl-${kind}` }, text),
  );
}

function placeholderHtml({ placeholder, text, system }: Placeholder): HtmlElement {
  const choice = system === undefined ? {} : { "data-session": text, "data-system": system };
  return h("var", { "data-fill": placeholder, ...choice }, text);
}
