import { type Html, type HtmlElement, h, renderHtml } from "./element.ts";

/** A row of a table. */
export interface Row {
  readonly id?: string;
  readonly class?: string;
  readonly cells: readonly Html[];
}

/**
 * Returns a table without its empty columns. A table that is alone below a heading needs no label. Each cell has the
 * label of its column, for the layout on narrow screens, unless the cells are understood without it. Headers have no
 * attribute `scope`, because browsers derive it: a header in the first row is for its column, a header in the first
 * column for its row.
 */
export function table(
  label: string | undefined,
  columns: readonly string[],
  rows: readonly Row[],
  cells: "labelled" | "unlabelled" = "labelled",
): HtmlElement {
  const used = columns.map((_, index) => index === 0 || rows.some(({ cells }) => !isEmpty(cells[index] ?? [])));
  const kept = <T>(list: readonly T[]): readonly T[] => list.filter((_, index) => used[index]);
  return h(
    "table",
    {},
    label === undefined ? [] : h("caption", { class: "hidden" }, label),
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        kept(columns).map((column) => h("th", {}, column)),
      ),
    ),
    h(
      "tbody",
      {},
      rows.map((row) => tableRow(row, cells === "labelled" ? columns : [], used)),
    ),
  );
}

function tableRow({ id, class: name, cells }: Row, columns: readonly string[], used: readonly boolean[]): HtmlElement {
  return h(
    "tr",
    { ...(id !== undefined && { id }), ...(name !== undefined && { class: name }) },
    cells.map((cell, index) => {
      if (!used[index]) return [];
      if (index === 0) return h("th", {}, cell);
      return h("td", { "data-label": columns[index], ...(isEmpty(cell) && { class: "empty" }) }, cell);
    }),
  );
}

function isEmpty(html: Html): boolean {
  return renderHtml(html) === "";
}
