/** A table; columns in which nothing stands are left out. Cells are Markdown of one line. */
export function markdownTable(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const used = columns.map((_, at) => at === 0 || rows.some((row) => (row[at] ?? "") !== ""));
  const line = (cells: readonly string[]): string =>
    `| ${cells.flatMap((cell, at) => (used[at] ? [cell.replaceAll("|", "\\|")] : [])).join(" | ")} |`;
  return [line(columns), line(columns.map(() => "---")), ...rows.map(line)].join("\n");
}

/** Parts of a page with an empty line between them; empty ones are left out. */
export function paragraphs(...parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join("\n\n");
}
