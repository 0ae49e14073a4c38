import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LinkAttempts } from "../../../../../../runtime/connman/adapters/network/linux/link-attempts.ts";
import type { ServiceState } from "../../../../../../runtime/connman/policy/service.ts";
import { cable } from "./link-service-example.ts";

describe("the attempts to bring services up", () => {
  let log: string[] = [];
  let attempts: LinkAttempts;
  const stateNow = (state: ServiceState): string => {
    const reported = attempts.stateOf(cable({ state }).service);
    return [reported.state, ...(reported.failure === undefined ? [] : [reported.failure])].join(" ");
  };

  beforeEach(() => {
    vi.useFakeTimers();
    log = [];
    attempts = new LinkAttempts(30_000, {
      onChange: () => log.push("change"),
      onFailed: (id) => log.push(`failed ${id}`),
    });
  });
  afterEach(() => {
    attempts.close();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it.each<[string, ServiceState, string]>([
    ["no carrier", "idle", "failure connect-failed"],
    ["no addresses", "configuration", "failure dhcp-failed"],
  ])("fail after the timeout: %s", async (_case, state, expected) => {
    attempts.begin("cable");
    attempts.update([cable({ state })], new Set(["eth0"]));
    expect([stateNow("idle"), stateNow("configuration")]).toEqual(["association", "configuration"]);
    await vi.advanceTimersByTimeAsync(30_000);
    expect([log, stateNow("idle")]).toEqual([["failed cable", "change"], expected]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect([log.length, stateNow("idle")]).toEqual([3, "idle"]);
  });

  it.each<[string, ServiceState, string]>([
    ["ends when the service is ready", "ready", "idle"],
    ["lasts while the service is configured", "configuration", "association"],
  ])("an attempt %s", (_case, state, expected) => {
    attempts.begin("cable");
    attempts.update([cable({ state })], new Set());
    expect(stateNow("idle")).toBe(expected);
  });

  it("end when their service is removed", () => {
    attempts.begin("cable");
    attempts.update([], new Set());
    expect(attempts.isActive("cable")).toBe(false);
  });

  it.each([
    ["begins for a service that was brought up", ["eth0"], true],
    ["does not begin for a service that was up before", [], false],
  ])("after the loss of the carrier, an attempt %s", (_case, broughtUp, expected) => {
    attempts.update([cable({ state: "idle" })], new Set(broughtUp));
    expect(attempts.isActive("cable")).toBe(expected);
  });
});
