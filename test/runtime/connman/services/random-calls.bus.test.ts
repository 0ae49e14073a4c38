import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { fromLines } from "../../../peers/connman/recording.ts";
import { replay } from "../../../peers/connman/replay.ts";

/**
 * Random calls and network events, with the messages of ConnMan 1.41 that `npm run peers -- connman` recorded. In the
 * dialect connman-1.41, the service of this project must send the same messages. Each session is compared separately.
 */
const RECORDINGS = fileURLToPath(new URL("../../../data/traces/connman/random", import.meta.url));

describe("random calls and network events on ConnMan 1.41", () => {
  test.each(readdirSync(RECORDINGS))("%s: the messages of each session are equal", async (file) => {
    const recording = fromLines(readFileSync(`${RECORDINGS}/${file}`, "utf8"));
    expect(await replay(recording)).toEqual(recording.outputs);
  });
});
