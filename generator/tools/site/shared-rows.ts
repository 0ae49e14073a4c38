import type { MemberSnippets, PageSnippets } from "./snippet-phrases.ts";

/** The snippets of a member in the data of a page: the number of shared snippets, or the snippets themselves. */
type SharedOrOwn = number | MemberSnippets;

/** The snippets of members that occur several times on a site. Pages contain numbers instead of these snippets. */
export class SharedRows {
  /** The shared snippets, the most frequent first. */
  readonly rows: readonly MemberSnippets[];
  readonly #numbers = new Map<string, number>();

  constructor(pages: readonly PageSnippets[]) {
    const counts = new Map<string, { readonly row: MemberSnippets; count: number }>();
    for (const row of pages.flatMap(({ members }) => members)) {
      const key = JSON.stringify(row);
      const counted = counts.get(key) ?? { row, count: 0 };
      counted.count++;
      counts.set(key, counted);
    }
    const frequent = [...counts.values()].filter(({ count }) => count > 1).toSorted((a, b) => b.count - a.count);
    this.rows = frequent.map(({ row }) => row);
    for (const [number, row] of this.rows.entries()) this.#numbers.set(JSON.stringify(row), number);
  }

  /** Returns the data of a page, in which shared snippets are numbers. */
  dataOf({
    members,
    ...values
  }: PageSnippets): Omit<PageSnippets, "members"> & { readonly members: readonly SharedOrOwn[] } {
    return { ...values, members: members.map((row) => this.#numbers.get(JSON.stringify(row)) ?? row) };
  }
}
