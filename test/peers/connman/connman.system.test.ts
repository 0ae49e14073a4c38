import { describe, expect, test } from "vitest";
import { compare } from "./compare.ts";
import { KNOWN_DIFFERENCES } from "./known-differences.ts";
import { whyNoMachine } from "./machine.ts";
import { record } from "./record.ts";
import { replay } from "./replay.ts";

/** A short run of `npm run peers -- connman`. */
const missing = whyNoMachine();

describe.skipIf(missing !== undefined)(`random calls on ConnMan${missing ? ` (skipped: ${missing})` : ""}`, () => {
  test("the messages of each session are equal", { timeout: 60_000 }, async () => {
    const recording = await record({ seed: 301, actions: 30, interfaces: ["cma0", "cmb0"] });
    const { equal, differences } = compare(recording.outputs, await replay(recording));
    expect(differences.filter((difference) => !KNOWN_DIFFERENCES.some(({ matches }) => matches(difference)))).toEqual(
      [],
    );
    expect(equal).toBeGreaterThan(25);
  });
});
