/** Returns a table without its empty columns. Cells are Markdown of one line. */
export function markdownTable(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const used = columns.map((_, index) => index === 0 || rows.some((row) => (row[index] ?? "") !== ""));
  const line = (cells: readonly string[]): string =>
    `| ${cells.flatMap((cell, index) => (used[index] ? [cell.replaceAll("|", "\\|")] : [])).join(" | ")} |`;
  return [line(columns), line(columns.map(() => "---")), ...rows.map(line)].join("\n");
}

/** Joins the non-empty parts of a page with empty lines. */
export function paragraphs(...parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join("\n\n");
}
