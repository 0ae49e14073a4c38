import type { NetworkService, Technology } from "@dbus-codegen-ts/connman";
import { expect, test } from "vitest";
import { NetworkState } from "../../../../../runtime/connman/adapters/network/network-state.ts";

const SERVICE: NetworkService = {
  id: "cable",
  name: "Wired",
  bearer: "ethernet",
  interface: "eth0",
  state: "ready",
  ipv4: { address: "192.0.2.7" },
  ipv6: {},
  autoConnect: true,
  roaming: "home",
};
const WIRED: Technology = { bearer: "ethernet", name: "Wired", isPowered: true };
const BEFORE = { services: [SERVICE, { ...SERVICE, id: "other" }], technologies: [WIRED], isOffline: false };

/** Each row: a change of the state, and whether listeners are notified. */
test.each([
  ["equal values", structuredClone(BEFORE), false],
  ["another state of a service", { ...BEFORE, services: [{ ...SERVICE, state: "online" }] }, true],
  ["another order", { ...BEFORE, services: BEFORE.services.toReversed() }, true],
  ["a removed service", { ...BEFORE, services: [SERVICE] }, true],
  ["a technology that is off", { ...BEFORE, technologies: [{ ...WIRED, isPowered: false }] }, true],
  ["offline mode", { ...BEFORE, isOffline: true }, true],
] as const)("%s", (_, next, isNotified) => {
  const state = new NetworkState(() => undefined);
  state.publish(BEFORE);
  const before = state.services;
  let notifications = 0;
  const subscription = state.subscribe(() => {
    notifications++;
  });
  state.publish(next);
  expect(notifications).toBe(isNotified ? 1 : 0);
  expect(state.services === before).toBe(!isNotified);
  expect({ services: state.services, technologies: state.technologies, isOffline: state.isOffline }).toEqual(next);
  subscription.unsubscribe();
  state.publish({ services: [], technologies: [], isOffline: false });
  expect(notifications).toBe(isNotified ? 1 : 0);
});

test("equal services and addresses remain the same objects", () => {
  const state = new NetworkState(() => undefined);
  state.publish(BEFORE);
  const [first, other] = state.services;
  const next = structuredClone(BEFORE.services);
  state.publish({
    ...BEFORE,
    services: next.map((service) => (service.id === "cable" ? { ...service, state: "online" } : service)),
  });
  expect(state.services[0]).not.toBe(first);
  expect(state.services[0]?.ipv4).toBe(first?.ipv4);
  expect(state.services[1]).toBe(other);
});

test("the error of a listener is reported, and the others are called", () => {
  const errors: unknown[] = [];
  const state = new NetworkState((error) => void errors.push(error));
  let isCalled = false;
  state.subscribe(() => {
    throw new Error("a bug");
  });
  state.subscribe(() => {
    isCalled = true;
  });
  state.publish(BEFORE);
  expect([errors, isCalled]).toEqual([[new Error("a bug")], true]);
});
