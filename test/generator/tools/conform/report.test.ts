import { expect, test } from "vitest";
import { Recorder } from "../../../../generator/tools/conform/report.ts";

test("a service cannot cause any number of messages", () => {
  const recorder = new Recorder(true);
  const lamp = { interface: "org.example.Lamp1" };
  for (let number = 0; number < 100; number++) {
    recorder.fail("value-enum", { ...lamp, member: "Mode" }, `the value ${number}`);
    recorder.fail("value-enum", { ...lamp, member: "Mode" }, "the value 0");
    recorder.skip("value-keys", { ...lamp, member: "Mode" }, `the key ${number}`);
  }
  expect(recorder.checks).toHaveLength(40);
  for (let number = 0; number < 20_000; number++)
    recorder.fail("announcement", { ...lamp, member: `P${number}` }, "no");
  expect(recorder.checks).toHaveLength(10_000);
});
