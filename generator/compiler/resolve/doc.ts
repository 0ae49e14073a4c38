/** Documentation of a declaration, independent of the markup language of the spec. */
export interface Doc {
  readonly blocks: readonly Block[];
  /** Version in which the declaration was added. */
  readonly since?: string;
  /** Version in which the declaration was deprecated, or a sentence about it; empty if neither is known. */
  readonly deprecated?: string;
}

/** A block element of documentation. `rationale` explains the design; readers may skip it. */
export type Block =
  | { readonly kind: "paragraph"; readonly text: readonly Inline[] }
  | { readonly kind: "list"; readonly ordered: boolean; readonly items: readonly (readonly Block[])[] }
  | { readonly kind: "definitions"; readonly items: readonly Definition[] }
  | { readonly kind: "table"; readonly head: TableRow; readonly rows: readonly TableRow[] }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "rationale"; readonly blocks: readonly Block[] };

/** The cells of a row. */
export type TableRow = readonly (readonly Inline[])[];

/** An item of a definition list. */
export interface Definition {
  readonly term: readonly Inline[];
  readonly blocks: readonly Block[];
}

/** A piece of text inside a block, without markup. */
export type Inline =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "emphasis"; readonly text: string };

/** The documentation of a declaration without documentation. */
export const NO_DOC: Doc = { blocks: [] };
