// Alternates an output folder between the modules of two other folders, until it is killed. Arguments: the folders.
import { applyWritePlan, readFolder } from "../../../../../generator/compiler/write/output-folder.ts";
import { planWrites } from "../../../../../generator/compiler/write/write-plan.ts";

const [out = "", ...versions] = process.argv.slice(2);
const modules = await Promise.all(
  versions.map(async (folder) =>
    Array.from(await readFolder(folder), ([path, file]) => ({ path, text: file.kind === "ours" ? file.text : "" })),
  ),
);
for (;;) for (const files of modules) await applyWritePlan(out, planWrites(files, await readFolder(out)));
