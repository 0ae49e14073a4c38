import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readFolder } from "../../../runtime/core/files.ts";

test("a folder is read up to a number of entries", async () => {
  const folder = await mkdtemp(join(tmpdir(), "folder-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const name of ["a", "b", "c"]) await writeFile(join(folder, name), "");
  expect((await readFolder(folder, 3)).toSorted()).toEqual(["a", "b", "c"]);
  await expect(readFolder(folder, 2)).rejects.toThrow("more than 2 entries");
  await expect(readFolder(join(folder, "none"))).rejects.toThrow("ENOENT");
});
