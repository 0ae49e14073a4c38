import { describe, expect, test } from "vitest";
import { crashRepeatedly } from "./crashing.ts";
import { measureSlowReader } from "./slow-reading.ts";

describe("short runs of the reliability programs", () => {
  test("kill-daemon: every call settles and every subscription is restored", async () => {
    const report = await crashRepeatedly(5);
    expect(report).toMatchObject({ hung: 0, lost: 0, calls: { other: [] } });
    expect(report.recoveries).toHaveLength(5);
    expect(report.calls.disconnected).toBeGreaterThan(0);
  });

  test("slow-reader: other clients are served while one does not read", async () => {
    const report = await measureSlowReader({ seconds: 1, signalSize: 10_000 });
    expect(report.calls).toBeGreaterThan(100);
    expect(report.failures).toEqual([]);
    expect(report.receivesAfterwards).toBe(true);
  });
});
