import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Source } from "../../compiler/diagnostics/source.ts";
import { catalogueFolder } from "../catalogue/catalogue-folder.ts";
import type { MockTemplate } from "./template.ts";
import { templateModule } from "./template-names.ts";

/** A template of the catalogue. */
export interface LoadedTemplate {
  readonly template: MockTemplate;
  /** Specs and overlays of the service. */
  readonly sources: readonly Source[];
}

/** Loads a template by its name, which `templateNames` contains. */
export async function loadTemplate(name: string): Promise<LoadedTemplate> {
  const folder = join(catalogueFolder(), name);
  // The modules `mock` of the catalogue export such a template.
  const { template } = (await import(pathToFileURL(templateModule(name)).href)) as { readonly template: MockTemplate };
  const [specs, overlays] = await Promise.all([readAll(join(folder, "specs")), readAll(join(folder, "overlays"))]);
  return { template, sources: [...specs, ...overlays.map((overlay) => ({ ...overlay, isOverlay: true }))] };
}

async function readAll(folder: string): Promise<readonly Source[]> {
  if (!existsSync(folder)) return [];
  const names = (await readdir(folder)).filter((name) => name.endsWith(".xml"));
  return Promise.all(
    names.map(async (name) => ({ path: join(folder, name), content: await readFile(join(folder, name)) })),
  );
}
