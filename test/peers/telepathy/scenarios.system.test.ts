import { describe, expect, test } from "vitest";
import { SCENARIOS } from "./scenarios.ts";

describe("programs of Debian", () => {
  for (const { name, missing, run } of SCENARIOS.filter(({ isSlow }) => isSlow !== true)) {
    test.skipIf(missing !== undefined)(missing === undefined ? name : `${name} (${missing})`, async () => {
      await expect(run()).resolves.toBeUndefined();
    });
  }
});
