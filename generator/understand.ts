import { compare, type Diagnostics } from "./diagnostics/diagnostic.ts";
import type { Source } from "./diagnostics/source.ts";
import type { Introspection } from "./read/introspection.ts";
import { read } from "./read/read.ts";
import type { Ir } from "./resolve/ir.ts";
import { resolve } from "./resolve/resolve.ts";

/** What specs say: file by file as they are written, and as a whole checked and linked. */
export interface Understood {
  readonly specs: readonly Introspection[];
  readonly ir: Ir;
}

/**
 * The first two stages of the pipeline, which everything that looks at specs begins with. The order of sources has no
 * meaning.
 * @param amend - What is done to specs in between, such as annotating them from outside.
 */
export function understand(
  sources: readonly Source[],
  diagnostics: Diagnostics,
  amend = (specs: readonly Introspection[]) => specs,
): Understood {
  const specs = amend(
    read(
      sources.toSorted((a, b) => compare(a.path, b.path)),
      diagnostics,
    ),
  );
  return { specs, ir: resolve(specs, diagnostics) };
}
