/** Documentation of one thing, free of markup language. */
export interface Doc {
  readonly blocks: readonly Block[];
  /** Version in which it appeared. */
  readonly since?: string;
  /** Version in which it was deprecated; empty where only the fact is known. */
  readonly deprecated?: string;
}

export type Block =
  | { readonly kind: "paragraph"; readonly text: readonly Inline[] }
  | { readonly kind: "list"; readonly ordered: boolean; readonly items: readonly (readonly Block[])[] }
  | { readonly kind: "definitions"; readonly items: readonly Definition[] }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "rationale"; readonly blocks: readonly Block[] };

export interface Definition {
  readonly term: readonly Inline[];
  readonly blocks: readonly Block[];
}

export type Inline =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "emphasis"; readonly text: string };

export const NO_DOC: Doc = { blocks: [] };
