import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { SerialTask } from "../../../../runtime/connman/adapters/serial-task.ts";

const DELAYS = { quietMs: 50, maxWaitMs: 500 };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

test("runs once after a burst, and a second time after requests during the run", async () => {
  let runs = 0;
  const task = new SerialTask(async () => {
    if (++runs === 1) for (let request = 0; request < 9; request++) task.request();
  }, DELAYS);
  for (let request = 0; request < 9; request++) task.request();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(runs).toBe(2);
});

test("runs although requests never pause", async () => {
  const run = vi.fn(async () => undefined);
  const task = new SerialTask(run, DELAYS);
  for (let elapsed = 0; elapsed < 600; elapsed += 10) {
    task.request();
    await vi.advanceTimersByTimeAsync(10);
  }
  expect(run).toHaveBeenCalledOnce();
});

test("with runsAtOnce, runs at the first request and once after the burst", async () => {
  const runs: number[] = [];
  const start = performance.now();
  const task = new SerialTask(async () => void runs.push(performance.now() - start), { ...DELAYS, runsAtOnce: true });
  for (let burst = 0; burst < 2; burst++) {
    for (let request = 0; request < 9; request++) {
      task.request();
      await vi.advanceTimersByTimeAsync(10);
    }
    await vi.advanceTimersByTimeAsync(910);
  }
  expect(runs).toEqual([0, 130, 1000, 1130]);
});

test("close waits for the present run and prevents further runs", async () => {
  const events: string[] = [];
  const task = new SerialTask(async () => {
    events.push("start");
    await new Promise((resolve) => setTimeout(resolve, 100));
    events.push("end");
  }, DELAYS);
  task.request();
  await vi.advanceTimersByTimeAsync(50);
  task.request();
  const closed = task.close().then(() => events.push("closed"));
  await vi.advanceTimersByTimeAsync(10_000);
  await closed;
  task.request();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(events).toEqual(["start", "end", "closed"]);
});
