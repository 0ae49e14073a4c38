import type { NetworkService } from "@dbus-codegen-ts/connman";
import type { AdministrativeState } from "@dbus-codegen-ts/network/org.freedesktop.network1.Manager";
import { expect, test } from "vitest";
import { configuredServices } from "../../../../../../runtime/connman/adapters/network/networkd/configured-services.ts";

const SERVICE: NetworkService = {
  id: "cable",
  name: "Wired",
  bearer: "ethernet",
  interface: "eth0",
  state: "ready",
  ipv4: {},
  ipv6: {},
  autoConnect: true,
  roaming: "home",
};

test.each([
  ["pending", "ready", "configuration"],
  ["initialized", "online", "configuration"],
  ["initialized", "idle", "idle"],
  ["configuring", "ready", "ready"],
  ["configuring", "configuration", "configuration"],
  ["configured", "online", "online"],
  ["failed", "ready", "failure"],
  ["unmanaged", "ready", "no service"],
  ["linger", "ready", "no service"],
  [undefined, "ready", "no service"],
  ["of a newer release", "ready", "ready"],
] as const)("systemd-networkd: %s, kernel: %s, service: %s", (configuration, state, expected) => {
  const states = new Map(configuration === undefined ? [] : [["eth0", configuration as AdministrativeState]]);
  const [service] = configuredServices([{ ...SERVICE, state }], states);
  expect(service?.state ?? "no service").toBe(expected);
});
