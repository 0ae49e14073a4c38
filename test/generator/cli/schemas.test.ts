import { join } from "node:path";
import { expect, test } from "vitest";
import { configJsonSchema } from "../../../generator/cli/config/schema.ts";
import { scriptJsonSchema } from "../../../generator/tools/mock/script-schema.ts";
import { ROOT } from "../support.ts";

/** `npm run generate:schemas` writes the files. */
test.each([
  ["config.json", configJsonSchema],
  ["mock.json", scriptJsonSchema],
])("schemas/%s is up to date", async (name, schema) => {
  const text = `${JSON.stringify(schema(), undefined, 2)}\n`;
  await expect(text).toMatchFileSnapshot(join(ROOT, "generator/schemas", name));
});
