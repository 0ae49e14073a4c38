import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { AssetName } from "./asset-names.ts";
import type { SiteAssets } from "./site.ts";

/** Reads the style sheet, the scripts and the icon from the package. They are not compiled. */
export async function readAssets(): Promise<SiteAssets> {
  const folder = join(
    dirname(createRequire(import.meta.url).resolve("dbus-codegen-ts/package.json")),
    "tools/site/assets",
  );
  const read = (name: AssetName): Promise<string> => readFile(join(folder, name), "utf8");
  return {
    "contents.js": await read("contents.js"),
    "find.js": await read("find.js"),
    "icon.svg": await read("icon.svg"),
    "search.js": await read("search.js"),
    "snippets.js": await read("snippets.js"),
    "site.css": await read("site.css"),
    "site.js": await read("site.js"),
  };
}
