import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { SiteAssets } from "./site.ts";

/** Reads the style sheet, the script and the icon from the package. They are not compiled. */
export async function readAssets(): Promise<SiteAssets> {
  const folder = join(
    dirname(createRequire(import.meta.url).resolve("dbus-codegen-ts/package.json")),
    "tools/site/assets",
  );
  const [style, script, icon] = await Promise.all(
    ["site.css", "site.js", "icon.svg"].map((name) => readFile(join(folder, name), "utf8")),
  );
  return { style: style ?? "", script: script ?? "", icon: icon ?? "" };
}
