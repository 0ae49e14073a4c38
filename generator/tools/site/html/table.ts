import { type Html, type HtmlElement, h } from "./element.ts";

export interface Row {
  readonly id?: string;
  readonly class?: string;
  readonly cells: readonly Html[];
}

/** A table whose rows become blocks on a narrow screen: each cell knows its column. Columns in which nothing stands are left out. */
export function table(label: string, columns: readonly string[], rows: readonly Row[]): HtmlElement {
  const used = columns.map((_, at) => at === 0 || rows.some(({ cells }) => !isEmpty(cells[at] ?? [])));
  const kept = <T>(list: readonly T[]): readonly T[] => list.filter((_, at) => used[at]);
  return h(
    "table",
    {},
    h("caption", { class: "hidden" }, label),
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        kept(columns).map((column) => h("th", { scope: "col" }, column)),
      ),
    ),
    h(
      "tbody",
      {},
      rows.map((row) => tableRow(row, columns, used)),
    ),
  );
}

function tableRow({ id, class: name, cells }: Row, columns: readonly string[], used: readonly boolean[]): HtmlElement {
  return h(
    "tr",
    { ...(id !== undefined && { id }), ...(name !== undefined && { class: name }) },
    cells.map((cell, at) => {
      if (!used[at]) return [];
      if (at === 0) return h("th", { scope: "row" }, cell);
      return h("td", { "data-label": columns[at] ?? "", ...(isEmpty(cell) && { class: "empty" }) }, cell);
    }),
  );
}

function isEmpty(html: Html): boolean {
  if (typeof html === "string") return html === "";
  return !("tag" in html) && html.every(isEmpty);
}
