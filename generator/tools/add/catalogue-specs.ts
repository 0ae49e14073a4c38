import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { analyze } from "../../compiler/analyze.ts";
import { Diagnostics } from "../../compiler/diagnostics/diagnostic.ts";
import type { Api } from "../catalogue/catalogue.ts";
import type { FoundSpec } from "./found-spec.ts";

/** Returns the specs of an API of the catalogue. */
export async function readCatalogueSpecs({ folder, interfaces, version }: Api): Promise<readonly FoundSpec[]> {
  const specs = interfaces.map(async (name) => {
    const path = join(folder, "specs", `${name}.xml`);
    const { ir } = analyze([{ path, content: await readFile(path) }], new Diagnostics());
    return ir.interfaces.map((iface): FoundSpec => ({ iface, origin: { kind: "catalogue", version } }));
  });
  return (await Promise.all(specs)).flat();
}
