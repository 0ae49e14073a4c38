import { setImmediate as turn } from "node:timers/promises";
import { warmUp } from "@dbus-codegen-ts/runtime/warm-up";
import { expect, test } from "vitest";

test("the warm-up function runs several times, one after the other, until it fails", async () => {
  const events: string[] = [];
  const round = async (): Promise<void> => {
    events.push("start");
    await turn();
    events.push("end");
    if (events.length === 6) throw new Error("no more");
  };
  await expect(warmUp(round, () => undefined)).rejects.toThrow("no more");
  expect(events).toEqual(["start", "end", "start", "end", "start", "end"]);
});

test.runIf(process.versions.v8.startsWith("11."))(
  "V8 compiles earlier during the warm-up, and later afterwards",
  async () => {
    const events: string[] = [];
    const round = async (): Promise<void> => void events.push("round");
    await warmUp(round, (flag) => events.push(flag));
    expect(events).toEqual([
      "--interrupt-budget=2000",
      "--max-inlined-bytecode-size-cumulative=200",
      ...["round", "round", "round", "round"],
      "--interrupt-budget=135168",
      "--max-bytecode-size-for-early-opt=0",
      "--max-inlined-bytecode-size-cumulative=400",
    ]);
  },
);
