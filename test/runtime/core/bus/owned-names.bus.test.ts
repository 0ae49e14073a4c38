import { describe, expect, test } from "vitest";
import { NAME, open, useCrashingBus } from "../fixtures/lasting-bus.ts";

useCrashingBus();

describe("a requested name [S38]", () => {
  test("with an owner is taken, or is queued for and acquired later", async () => {
    const [first, second, third] = [await open(), await open(), await open()];
    const owned = await first.requestName(NAME);
    const taken = await second.requestName(NAME);
    const queued = await third.requestName(NAME, { queue: true });
    expect([owned.state, taken.state, queued.state]).toEqual(["owner", "taken", "queued"]);
    await expect(taken.acquired).rejects.toThrow("taken");
    await owned.acquired;
    await owned.release();
    await queued.acquired;
    expect([owned.state, queued.state]).toEqual(["released", "owner"]);
  });

  test("that another connection takes over is given up, or is queued for", async () => {
    const [first, second, third] = [await open(), await open(), await open()];
    const givesUp = await first.requestName("org.example.A", { allowReplacement: true });
    const queues = await first.requestName("org.example.B", { allowReplacement: true, queue: true });
    await second.requestName("org.example.A", { replaceExisting: true });
    const other = await third.requestName("org.example.B", { replaceExisting: true });
    await Promise.all([givesUp.lost, queues.lost]);
    expect([givesUp.state, queues.state]).toEqual(["taken", "queued"]);
    await other.release();
    await queues.acquired;
    expect(queues.state).toBe("owner");
  });
});
