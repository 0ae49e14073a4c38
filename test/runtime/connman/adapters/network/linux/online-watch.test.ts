import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { OnlineWatch } from "../../../../../../runtime/connman/adapters/network/linux/online-watch.ts";
import { cable } from "./link-service-example.ts";

const at = (address: string) => cable({ ipv4: { address } });

describe("the online watch", () => {
  let isReachable = false;
  let log: string[] = [];
  let watch: OnlineWatch;

  beforeEach(() => {
    vi.useFakeTimers();
    const start = Date.now();
    isReachable = false;
    log = [];
    watch = new OnlineWatch(
      async ({ service }) => {
        log.push(`${(Date.now() - start) / 1_000} s ${service.ipv4.address}`);
        return isReachable;
      },
      () => log.push(watch.isOnline("cable") ? "online" : "not online"),
    );
  });
  afterEach(() => {
    watch.close();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it("checks with increasing delays until the service is online, and after a change of the address", async () => {
    watch.update([at("192.0.2.1")]);
    await vi.advanceTimersByTimeAsync(6_000);
    isReachable = true;
    await vi.advanceTimersByTimeAsync(60_000);
    watch.update([at("192.0.2.1")]);
    expect(watch.isOnline("cable")).toBe(true);
    watch.update([at("192.0.2.2")]);
    expect(watch.isOnline("cable")).toBe(false);
    expect(log).toEqual([
      "0 s 192.0.2.1",
      "1 s 192.0.2.1",
      "5 s 192.0.2.1",
      "14 s 192.0.2.1",
      "online",
      "66 s 192.0.2.2",
    ]);
  });

  it("checks an online service every 144 seconds, and takes it as not online after a failed check", async () => {
    isReachable = true;
    watch.update([at("192.0.2.1")]);
    await vi.advanceTimersByTimeAsync(150_000);
    isReachable = false;
    await vi.advanceTimersByTimeAsync(144_000);
    expect(log).toEqual([
      "0 s 192.0.2.1",
      "online",
      "144 s 192.0.2.1",
      "288 s 192.0.2.1",
      "not online",
      "289 s 192.0.2.1",
      "293 s 192.0.2.1",
    ]);
  });

  it.each([
    ["is not ready", { ...cable({ state: "configuration" }) }],
    ["has no default route", { ...cable(), defaultRoutes: [] }],
  ])("does not check a service that %s", async (_case, link) => {
    watch.update([link]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(log).toEqual([]);
  });
});
