import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CORPUS } from "../support.ts";

/** Every XML file below the corpus. */
export function* everyCorpusFile(): Generator<{ readonly path: string; readonly content: Uint8Array }> {
  for (const name of readdirSync(CORPUS, { recursive: true, encoding: "utf8" }).toSorted())
    if (name.endsWith(".xml")) yield { path: name, content: readFileSync(join(CORPUS, name)) };
}
