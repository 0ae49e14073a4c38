import type { NetworkService } from "@dbus-codegen-ts/connman";
import { Variant } from "@dbus-codegen-ts/runtime";
import type { ServiceSettings } from "@dbus-codegen-ts/stubs/net.connman.Service";
import { describe, expect, test } from "vitest";
import {
  MAX_SERVICES,
  servicesOf,
  technologiesOf,
} from "../../../../../../runtime/connman/adapters/network/connman/connman-services.ts";

const PATH = "/net/connman/service/ethernet_020000000a01_cable";
const CABLE: ServiceSettings = {
  ...{ type: "ethernet", security: [], state: "ready", favorite: true, immutable: false, autoConnect: true },
  ...{ name: "Wired", ethernet: { method: "auto", interface: "eth0", address: "02:00:00:00:0A:01", mtu: 1500 } },
  ipv4: { method: "dhcp", address: "192.0.2.7", netmask: "255.255.255.0", gateway: "192.0.2.1" },
  ipv4Configuration: { method: "dhcp" },
  ipv6: { method: "auto", address: "2001:db8::7", prefixLength: 64, gateway: "fe80::1", privacy: "disabled" },
  ipv6Configuration: { method: "auto", privacy: "disabled" },
  ...{ nameservers: ["192.0.2.1"], domains: ["example.org"] },
};

const mapped = (settings: ServiceSettings, path = PATH): readonly NetworkService[] =>
  servicesOf([{ path, properties: settings }]);

describe("a service of ConnMan", () => {
  test("has the values that ConnMan reports", () => {
    expect(mapped(CABLE)).toEqual([
      {
        ...{ id: "ethernet_020000000a01_cable", name: "Wired", bearer: "ethernet", interface: "eth0", state: "ready" },
        ipv4: CABLE.ipv4,
        ipv6: CABLE.ipv6,
        ...{ autoConnect: true, roaming: "home", isFavorite: true, isImmutable: false },
        ipv4Configuration: { method: "dhcp" },
        ipv6Configuration: { method: "auto", privacy: "disabled" },
        ...{ nameservers: ["192.0.2.1"], domains: ["example.org"], security: [] },
        ...{ hardwareAddress: "02:00:00:00:0A:01", mtuBytes: 1500 },
      },
    ]);
  });

  const ROWS: readonly [what: string, settings: ServiceSettings, expected: Partial<NetworkService> | "ignored"][] = [
    [
      "a hidden wireless network has no name",
      { ...CABLE, type: "wifi", name: undefined as never },
      { name: "", bearer: "wifi" },
    ],
    ["strength and security", { ...CABLE, strength: 70, security: ["psk"] }, { strength: 70, security: ["psk"] }],
    [
      "a failure with its reason",
      { ...CABLE, state: "failure", error: "invalid-key" },
      { state: "failure", failure: "invalid-key" },
    ],
    ["an unknown state is idle", { ...CABLE, state: "moon" as never }, { state: "idle" }],
    ["roaming in an unknown country", { ...CABLE, type: "cellular", roaming: true }, { roaming: "international" }],
    ["sessions bring up favorites only", { ...CABLE, favorite: false }, { autoConnect: false, isFavorite: false }],
    [
      "nothing but type and interface",
      { type: "gadget", ethernet: { interface: "usb0" } },
      { state: "idle", ipv4: {}, ipv6: {} },
    ],
    ["values of wrong types", { ...CABLE, ipv4: { extra: { Address: new Variant("u", 7) } } }, { ipv4: {} }],
    [
      "addresses that are none",
      { ...CABLE, ipv4: { method: "dhcp", address: "1.2.3", netmask: "::", gateway: "; reboot" } },
      { ipv4: { method: "dhcp" } },
    ],
    [
      "IPv6 addresses that are none",
      { ...CABLE, ipv6: { address: "fe80::1%eth0", gateway: "192.0.2.1", prefixLength: 129 } },
      { ipv6: {} },
    ],
    ["an unknown type", { ...CABLE, type: "p2p" }, "ignored"],
    ["a name of Object.prototype as type", { ...CABLE, type: "constructor" }, "ignored"],
    ["no type", {}, "ignored"],
    ["no interface", { ...CABLE, ethernet: {} }, "ignored"],
    ["an interface that is not a name", { ...CABLE, ethernet: { interface: "eth0 up; reboot" } }, "ignored"],
  ];
  test.each(ROWS)("%s", (_what, settings, expected) => {
    if (expected === "ignored") expect(mapped(settings)).toEqual([]);
    else expect(mapped(settings)).toEqual([expect.objectContaining(expected)]);
  });

  test("is ignored at another path, or beyond the limit", () => {
    expect(mapped(CABLE, "/net/connman/technology/ethernet")).toEqual([]);
    const many = Array.from({ length: MAX_SERVICES + 1 }, (_, index) => ({
      path: `${PATH}${index}`,
      properties: CABLE,
    }));
    expect(servicesOf(many)).toHaveLength(MAX_SERVICES);
  });
});

test("technologies: one of each known bearer", () => {
  const entry = (type: string, properties: object) => ({
    path: `/net/connman/technology/${type}`,
    properties: { type, ...properties },
  });
  expect(
    technologiesOf([
      entry("wifi", { name: "WiFi", powered: true }),
      entry("wifi", { name: "other", powered: false }),
      entry("p2p", { name: "P2P", powered: true }),
      entry("ethernet", {}),
    ]),
  ).toEqual([
    { bearer: "wifi", name: "WiFi", isPowered: true },
    { bearer: "ethernet", name: "", isPowered: false },
  ]);
});
