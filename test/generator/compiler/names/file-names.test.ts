import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { run } from "../../support.ts";
import { iface } from "../verdict.ts";

/** Returns an interface name of a number of characters. */
const nameOf = (length: number): string => `a.${"b".repeat(length - 2)}`;

const digest = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 8);

test.each([
  ["as it is up to 200 characters", nameOf(200), `${nameOf(200)}.ts`],
  ["as the first 200 characters and a digest beyond", nameOf(201), `${nameOf(200)}-${digest(nameOf(201))}.ts`],
])("an interface name is the file name: %s", async (_, name, path) => {
  const { files } = await run(iface(name));
  expect(files.map((file) => file.path)).toEqual([path]);
});
