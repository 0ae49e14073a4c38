import { describe, expect, test } from "vitest";
import { NetworkError } from "../../../../../../runtime/connman/adapters/network/network.ts";
import {
  profileOf,
  withAutoConnect,
  withIPv4,
} from "../../../../../../runtime/connman/adapters/network/networkmanager/profile.ts";
import { Variant } from "../../../../../../runtime/core/index.ts";
import { wired, wireless } from "./objects.ts";

describe("a profile is read", () => {
  test.each([
    ["no groups", {}, undefined],
    ["no uuid", { connection: { id: "x", type: "vpn" } }, undefined],
    [
      "defaults",
      wired("A"),
      { name: "A", autoConnect: true, priority: 0, lastUsed: 0n, isPort: false, isMetered: false, wifi: undefined },
    ],
    ["a member of a bridge", wired("A", { master: "br0" }), { isPort: true }],
    ["metered", wired("A", { metered: 1 }), { isMetered: true }],
    ["not metered", wired("A", { metered: 2 }), { isMetered: false }],
    ["an open network", wireless("A"), { wifi: { security: "none", joins: true } }],
    ["WPA2 password", wireless("A", "wpa-psk"), { wifi: { security: "psk" } }],
    ["WPA3 password", wireless("A", "sae"), { wifi: { security: "psk" } }],
    ["WPA enterprise", wireless("A", "wpa-eap"), { wifi: { security: "ieee8021x" } }],
    ["WEP", wireless("A", "none"), { wifi: { security: "wep" } }],
    ["encryption without password", wireless("A", "owe"), { wifi: { security: "none" } }],
    ["an access point", wireless("A", undefined, { mode: "ap" }), { wifi: { joins: false } }],
    ["DHCP", { ...wired("A"), ipv4: { method: "auto" } }, { ipv4Configuration: { method: "dhcp" } }],
    ["no IPv4", { ...wired("A"), ipv4: { method: "disabled" } }, { ipv4Configuration: { method: "off" } }],
    ["shared", { ...wired("A"), ipv4: { method: "shared" } }, { ipv4Configuration: undefined }],
  ])("%s", (_, settings, expected) => {
    const profile = profileOf(settings);
    if (expected === undefined) expect(profile).toBeUndefined();
    else expect(profile).toMatchObject(expected);
  });
});

describe("one setting of a profile is changed", () => {
  const settings = {
    connection: {
      id: "A",
      uuid: "u",
      type: "802-3-ethernet",
      autoconnect: true,
      extra: { zone: new Variant("s", "home") },
    },
    ipv4: {
      method: "manual",
      addressData: [{ address: "192.0.2.7", prefix: 24 }],
      addresses: [[1, 24, 2]],
      gateway: "192.0.2.1",
      extra: { "dns-search": new Variant("as", ["example.org"]) },
    },
    proxy: { extra: { method: new Variant("i", 1) } },
  };

  test("AutoConnect changes only autoconnect", () => {
    expect(withAutoConnect(settings, false)).toEqual({
      ...settings,
      connection: { ...settings.connection, autoconnect: false },
    });
  });

  const { extra } = settings.ipv4;
  test.each([
    [{ method: "dhcp" }, { method: "auto", extra }],
    [{ method: "off" }, { method: "disabled", extra }],
    [
      { method: "manual", address: "198.51.100.7", netmask: "255.255.0.0", gateway: "198.51.100.1" },
      { method: "manual", addressData: [{ address: "198.51.100.7", prefix: 16 }], gateway: "198.51.100.1", extra },
    ],
    [
      { method: "manual", address: "198.51.100.7" },
      { method: "manual", addressData: [{ address: "198.51.100.7", prefix: 24 }], extra },
    ],
  ])("IPv4 %o", (configuration, ipv4) => {
    expect(withIPv4(settings, configuration)).toEqual({ ...settings, ipv4 });
  });

  test.each([
    [{}, "NetworkManager has no IPv4 method"],
    [{ method: "fixed" }, "NetworkManager has no IPv4 method"],
    [{ method: "manual" }, "needs an IPv4 address"],
    [{ method: "manual", address: "::1" }, "needs an IPv4 address"],
    [{ method: "manual", address: "192.0.2.7", netmask: "255.0.255.0" }, "netmask is not valid"],
    [{ method: "manual", address: "192.0.2.7", gateway: "x" }, "gateway is not"],
  ])("IPv4 %o is refused", (configuration, message) => {
    expect(() => withIPv4(settings, configuration)).toThrow(NetworkError);
    expect(() => withIPv4(settings, configuration)).toThrow(message);
  });
});
