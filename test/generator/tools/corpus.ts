import { corpus, hasCorpus } from "../support.ts";

/** Yields every hostile spec, and every spec of other projects that is available. */
export function* everyCorpusFile(): Generator<{ readonly path: string; readonly content: string | Uint8Array }> {
  for (const folder of hasCorpus ? (["connman", "hostile-xml", "telepathy"] as const) : (["hostile-xml"] as const))
    for (const [name, content] of Object.entries(corpus(folder))) yield { path: `${folder}/${name}`, content };
}
