import type { NetworkService } from "@dbus-codegen-ts/connman";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FailedServices } from "../../../../../../runtime/connman/adapters/network/networkmanager/failed-services.ts";

const service = (state: NetworkService["state"], failure?: string): NetworkService => ({
  id: "cable",
  name: "Wired",
  bearer: "ethernet",
  interface: "eth0",
  state,
  ipv4: {},
  ipv6: {},
  autoConnect: true,
  roaming: "home",
  ...(failure !== undefined && { failure }),
});

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/**
 * Each row: states of a service over time, some with their failures, and the states that are reported. `minute`
 * advances the clock by a minute.
 */
test.each([
  [
    "a failure remains",
    ["failure dhcp-failed", "idle", "idle"],
    ["failure dhcp-failed", "failure dhcp-failed", "failure dhcp-failed"],
  ],
  [
    "its reason may come later",
    ["failure", "failure pin-missing", "idle"],
    ["failure", "failure pin-missing", "failure pin-missing"],
  ],
  ["a new attempt ends it", ["failure", "association", "idle"], ["failure", "association", "idle"]],
  ["it ends after a minute", ["failure", "idle", "minute", "idle"], ["failure", "failure", "idle"]],
  ["without failure nothing changes", ["idle", "ready", "idle"], ["idle", "ready", "idle"]],
])("%s", (_, states, expected) => {
  const failed = new FailedServices(() => undefined);
  const reported: string[] = [];
  for (const word of states) {
    const [state = "", reason] = word.split(" ");
    if (state === "minute") vi.advanceTimersByTime(60_000);
    else {
      const applied = failed.applyTo(service(state as NetworkService["state"], reason));
      reported.push([applied.state, applied.failure].filter(Boolean).join(" "));
    }
  }
  expect(reported).toEqual(expected);
  failed.close();
  expect(vi.getTimerCount()).toBe(0);
});

test("the end of a failure after a minute is reported, except for a removed service", () => {
  const onExpired = vi.fn();
  const failed = new FailedServices(onExpired);
  failed.add("cable", undefined);
  failed.add("removed", undefined);
  failed.retain(new Set(["cable"]));
  expect([failed.has("cable"), failed.has("removed")]).toEqual([true, false]);
  vi.advanceTimersByTime(60_000);
  expect(onExpired).toHaveBeenCalledOnce();
  expect(failed.has("cable")).toBe(false);
});
