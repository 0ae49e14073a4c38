import { ActiveConnectionState } from "@dbus-codegen-ts/networkmanager/org.freedesktop.NetworkManager.Connection.Active";
import {
  ConnectivityState,
  DeviceState,
  DeviceStateReason,
  DeviceType,
  Metered,
} from "@dbus-codegen-ts/networkmanager/org.freedesktop.NetworkManager.Device";
import type { IP4ConfigProperties } from "@dbus-codegen-ts/networkmanager/org.freedesktop.NetworkManager.IP4Config";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  managedServices,
  managedTechnologies,
} from "../../../../../../runtime/connman/adapters/network/networkmanager/managed-services.ts";
import type { NetworkService } from "../../../../../../runtime/connman/policy/service.ts";
import { CABLE, type ObjectDescription, objectsOf, RADIO, wired, wireless } from "./objects.ts";

const { Full, Limited } = ConnectivityState;

/** Returns a cable with the active profile `/p`. */
function active(device: object, profile = wired("Office")): ObjectDescription {
  return {
    devices: { "/d": { ...CABLE, activeConnection: "/a", ...device } },
    activations: { "/a": { connection: "/p", devices: ["/d"], state: ActiveConnectionState.Activated } },
    profiles: { "/p": profile },
  };
}

/** Returns an active VPN that a plugin activated over the device `/d`. */
function vpn(state: ActiveConnectionState): ObjectDescription {
  return {
    devices: {
      "/d": { ...CABLE, availableConnections: [] },
      "/t": { ...CABLE, deviceType: DeviceType.Tun, interface: "tun0", ip4Config: "/4", ip4Connectivity: Limited },
    },
    activations: { "/a": { connection: "/p", devices: ["/d"], state, vpn: true, ip4Config: "/v" } },
    ipv4: {
      "/4": { addressData: [{ address: "10.8.0.2", prefix: 24 }] },
      "/v": { addressData: [{ address: "10.8.0.2", prefix: 24 }] },
    },
    profiles: { "/p": { connection: { id: "Work", uuid: "aa-11", type: "vpn" } } },
  };
}

const accessPoint = (ssid: string | Uint8Array, values: object = {}) => ({
  ssid: typeof ssid === "string" ? Buffer.from(ssid) : ssid,
  strength: 50,
  flags: 0,
  wpaFlags: 0,
  rsnFlags: 0,
  ...values,
});
const PSK = { flags: 1, rsnFlags: 0x100 };

function radio(accessPoints: ObjectDescription["accessPoints"] = {}, more: ObjectDescription = {}): ObjectDescription {
  return {
    devices: { "/d": { ...RADIO, availableConnections: ["/p"] } },
    radios: { "/d": { accessPoints: Object.keys(accessPoints), permHwAddress: "02:00:00:00:0B:01" } },
    accessPoints,
    ...more,
  };
}

/**
 * Each row: objects of NetworkManager, and the services as `<id> <name> <interface> <state>`, followed by `auto` if
 * sessions may bring them up.
 */
const SERVICES: readonly (readonly [title: string, ObjectDescription, readonly string[]])[] = [
  ["nothing", {}, []],
  [
    "a plugged cable is a service named after its profile",
    { devices: { "/d": CABLE }, profiles: { "/p": wired("Office") } },
    ["ethernet_020000000a01_cable Office eth0 idle auto"],
  ],
  [
    "the address of the hardware identifies a cable whose profile sets another address",
    {
      devices: { "/d": CABLE },
      wired: { "/d": { permHwAddress: "02:00:00:00:0F:0F" } },
      profiles: { "/p": wired("A") },
    },
    ["ethernet_020000000f0f_cable A eth0 idle auto"],
  ],
  [
    "a virtual cable",
    { devices: { "/d": { ...CABLE, deviceType: DeviceType.Veth } }, profiles: { "/p": wired("A") } },
    ["ethernet_020000000a01_cable A eth0 idle auto"],
  ],
  ["an unplugged cable", { devices: { "/d": { ...CABLE, interfaceFlags: 3 } }, profiles: { "/p": wired("A") } }, []],
  [
    "a cable that was just unplugged, with its profile still active",
    active({ state: DeviceState.Activated, interfaceFlags: 1 }),
    [],
  ],
  ["a cable without profile", { devices: { "/d": { ...CABLE, availableConnections: [] } } }, []],
  [
    "a device that is not managed",
    { devices: { "/d": { ...CABLE, state: DeviceState.Unmanaged } }, profiles: { "/p": wired("A") } },
    [],
  ],
  [
    "a device that is not available",
    { devices: { "/d": { ...CABLE, state: DeviceState.Unavailable } }, profiles: { "/p": wired("A") } },
    [],
  ],
  [
    "a device without state",
    {
      devices: { "/d": { deviceType: DeviceType.Ethernet, interface: "eth0", availableConnections: ["/p"] } },
      profiles: { "/p": wired("A") },
    },
    [],
  ],
  [
    "a device that does not exist",
    { devices: { "/d": { ...CABLE, real: false } }, profiles: { "/p": wired("A") } },
    [],
  ],
  ["a device whose profiles are unknown objects", { devices: { "/d": CABLE } }, []],
  [
    "an interface name that is unsafe in commands",
    { devices: { "/d": { ...CABLE, interface: "-x y" } }, profiles: { "/p": wired("A") } },
    [],
  ],
  [
    "among the available profiles, the one that NetworkManager would activate",
    {
      devices: { "/d": { ...CABLE, availableConnections: ["/1", "/2", "/3", "/4", "/5"] } },
      profiles: {
        "/1": wired("manual", { autoconnect: false, autoconnectPriority: 9 }),
        "/2": wired("low", { autoconnectPriority: -1, timestamp: 9n }),
        "/3": wired("old", { timestamp: 1n }),
        "/4": wired("new", { timestamp: 2n }),
        "/5": wireless("other type"),
      },
    },
    ["ethernet_020000000a01_cable new eth0 idle auto"],
  ],
  [
    "a profile that must not be activated automatically",
    { devices: { "/d": CABLE }, profiles: { "/p": wired("A", { autoconnect: false }) } },
    ["ethernet_020000000a01_cable A eth0 idle"],
  ],
  ...(
    [
      [DeviceState.Prepare, "association"],
      [DeviceState.Config, "association"],
      [DeviceState.NeedAuth, "association"],
      [DeviceState.IpConfig, "configuration"],
      [DeviceState.IpCheck, "configuration"],
      [DeviceState.Secondaries, "configuration"],
      [DeviceState.Activated, "ready"],
      [DeviceState.Deactivating, "disconnect"],
      [DeviceState.Failed, "failure"],
      [77 as DeviceState, "idle"],
    ] as const
  ).map(
    ([state, expected]) =>
      [
        `device state ${state}`,
        active({ state }),
        [`ethernet_020000000a01_cable Office eth0 ${expected} auto`],
      ] as const,
  ),
  [
    "the Internet over IPv4",
    active({ state: DeviceState.Activated, ip4Connectivity: Full, ip6Connectivity: Limited }),
    ["ethernet_020000000a01_cable Office eth0 online auto"],
  ],
  [
    "the Internet over IPv6",
    active({ state: DeviceState.Activated, ip4Connectivity: Limited, ip6Connectivity: Full }),
    ["ethernet_020000000a01_cable Office eth0 online auto"],
  ],
  [
    "a captive portal",
    active({ state: DeviceState.Activated, ip4Connectivity: ConnectivityState.Portal }),
    ["ethernet_020000000a01_cable Office eth0 ready auto"],
  ],
  [
    "a device that carries IP over another interface",
    active({ state: DeviceState.Activated, ipInterface: "ppp0" }),
    ["ethernet_020000000a01_cable Office ppp0 ready auto"],
  ],
  [
    "an active profile that this user cannot read",
    { ...active({ state: DeviceState.Activated }), profiles: { "/p": undefined }, stored: { "/p": {} } },
    ["ethernet_020000000a01_cable eth0 eth0 ready"],
  ],
  [
    "an active profile that is being read",
    { ...active({ state: DeviceState.Activated }), profiles: {}, stored: { "/p": {} } },
    [],
  ],
  ["a member of a bridge", active({ state: DeviceState.Activated }, wired("port", { master: "br0" })), []],
  [
    "a cable that another program configures",
    { ...active({ state: DeviceState.Activated }), stored: { "/p": { flags: 8 } } },
    ["ethernet_020000000a01_cable Office eth0 ready auto"],
  ],
  [
    "two devices with one hardware address",
    {
      devices: { "/d": CABLE, "/e": { ...CABLE, interface: "eth1" } },
      profiles: { "/p": wired("A") },
    },
    ["ethernet_020000000a01_cable A eth0 idle auto", "ethernet_020000000a01_cable_65746831 A eth1 idle auto"],
  ],
  ["a Wi-Fi device without access points", radio(), []],
  [
    "each SSID and security is a service, with the strongest access point",
    radio(
      {
        "/1": accessPoint("Home", { ...PSK, strength: 40 }),
        "/2": accessPoint("Home", { ...PSK, strength: 80 }),
        "/3": accessPoint("Home", { strength: 90 }),
        "/4": accessPoint("Café", { flags: 1, strength: 20 }),
      },
      { profiles: { "/p": wireless("Home", "sae") } },
    ),
    [
      "wifi_020000000b01_486f6d65_managed_psk Home wlan0 idle auto 80 psk",
      "wifi_020000000b01_486f6d65_managed_none Home wlan0 idle 90 none",
      "wifi_020000000b01_436166c3a9_managed_wep Café wlan0 idle 20 wep",
    ],
  ],
  [
    "SSIDs that are empty or too long are left out; others become text",
    radio({
      "/1": accessPoint(""),
      "/2": accessPoint("x".repeat(33)),
      "/3": accessPoint(Uint8Array.of(0x41, 0, 0xff, 0x0a)),
    }),
    ["wifi_020000000b01_4100ff0a_managed_none A\ufffd\ufffd\ufffd wlan0 idle 50 none"],
  ],
  ...(
    [
      [{ rsnFlags: 0x400 }, "psk"],
      [{ wpaFlags: 0x100 }, "psk"],
      [{ rsnFlags: 0x200 }, "ieee8021x"],
      [{ rsnFlags: 0x2000 }, "ieee8021x"],
      [{ rsnFlags: 0x800 }, "none"],
      [{ flags: 1 }, "wep"],
      [{ flags: 3, rsnFlags: 0x100 }, "psk+wps", "psk"],
    ] as const
  ).map(
    ([flags, security, key = security]) =>
      [
        `security ${security}`,
        radio({ "/1": accessPoint("A", flags) }),
        [`wifi_020000000b01_41_managed_${key} A wlan0 idle 50 ${security}`],
      ] as const,
  ),
  [
    "the active network has the state of the device, others are idle",
    radio(
      { "/1": accessPoint("Home", PSK), "/2": accessPoint("Guest") },
      {
        devices: { "/d": { ...RADIO, state: DeviceState.Activated, activeConnection: "/a" } },
        activations: { "/a": { connection: "/p" } },
        profiles: { "/p": wireless("Home", "wpa-psk") },
      },
    ),
    [
      "wifi_020000000b01_486f6d65_managed_psk Home wlan0 ready auto 50 psk",
      "wifi_020000000b01_4775657374_managed_none Guest wlan0 idle 50 none",
    ],
  ],
  [
    "a hidden network that is active",
    radio(
      {},
      {
        devices: { "/d": { ...RADIO, state: DeviceState.IpConfig, activeConnection: "/a" } },
        activations: { "/a": { connection: "/p" } },
        profiles: { "/p": wireless("Hidden", "wpa-eap") },
      },
    ),
    ["wifi_020000000b01_48696464656e_managed_ieee8021x Hidden wlan0 configuration auto 0 ieee8021x"],
  ],
  [
    "a device that acts as access point",
    radio(
      { "/1": accessPoint("Mine") },
      {
        devices: { "/d": { ...RADIO, state: DeviceState.Activated, activeConnection: "/a" } },
        activations: { "/a": { connection: "/p" } },
        profiles: { "/p": wireless("Mine", undefined, { mode: "ap" }) },
      },
    ),
    ["wifi_020000000b01_4d696e65_managed_none Mine wlan0 idle 50 none"],
  ],
  [
    "a modem",
    {
      devices: {
        "/d": { ...CABLE, deviceType: DeviceType.Modem, interface: "cdc-wdm0", hwAddress: "", interfaceFlags: 0 },
      },
      profiles: { "/p": { connection: { id: "Operator", uuid: "u", type: "gsm" } } },
    },
    ["cellular_6364632d77646d30_context Operator cdc-wdm0 idle auto"],
  ],
  [
    "a Bluetooth device",
    {
      devices: { "/d": { ...CABLE, deviceType: DeviceType.Bluetooth, interface: "bnep0", interfaceFlags: 0 } },
      profiles: { "/p": { connection: { id: "Phone", uuid: "u", type: "bluetooth" } } },
    },
    ["bluetooth_020000000a01_pan Phone bnep0 idle auto"],
  ],
  [
    "a WireGuard profile that is down, and one that is up",
    {
      devices: { "/w": { ...CABLE, deviceType: DeviceType.Wireguard, interface: "wg1", state: DeviceState.Activated } },
      activations: { "/a": { connection: "/2", devices: ["/w"], state: ActiveConnectionState.Activated } },
      profiles: {
        "/1": { connection: { id: "Down", uuid: "aa-1", type: "wireguard", interfaceName: "wg0" } },
        "/2": { connection: { id: "Up", uuid: "aa-2", type: "wireguard", interfaceName: "wg1" } },
      },
    },
    ["vpn_aa2_profile Up wg1 ready auto", "vpn_aa1_profile Down wg0 idle auto"],
  ],
  ["a VPN that comes up", vpn(ActiveConnectionState.Activating), ["vpn_aa11_profile Work tun0 association auto"]],
  [
    "a VPN that is up uses the device with its address",
    vpn(ActiveConnectionState.Activated),
    ["vpn_aa11_profile Work tun0 ready auto"],
  ],
  ["a VPN that goes down", vpn(ActiveConnectionState.Deactivating), ["vpn_aa11_profile Work tun0 disconnect auto"]],
  ["a VPN that is down", vpn(ActiveConnectionState.Deactivated), ["vpn_aa11_profile Work  idle auto"]],
  [
    "a tunnel of another program",
    { stored: { "/p": { flags: 8 } }, profiles: { "/p": { connection: { id: "wg0", uuid: "u", type: "wireguard" } } } },
    [],
  ],
  [
    "a type of profile that is not known",
    { profiles: { "/p": { connection: { id: "x", uuid: "u", type: "teleport" } } } },
    [],
  ],
];

test.each(SERVICES)("services: %s", (_, description, expected) => {
  const lines = managedServices(objectsOf(description)).map(({ service }) => {
    const { id, name, interface: interfaceName, state, autoConnect, strength, security } = service;
    const words = [id, name, interfaceName, state, autoConnect ? "auto" : undefined, strength, security?.join("+")];
    return words.filter((word) => word !== undefined).join(" ");
  });
  expect(lines).toEqual(expected);
});

const DIRECT = { dest: "0.0.0.0", prefix: 0, metric: 50 } as const;
const GATEWAY = { nextHop: "10.9.0.1" } as const;
const SUBNET = { dest: "10.9.0.0", prefix: 24 } as const;

/**
 * Each row: routes and connectivity of a tunnel, its state, and the version of NetworkManager. Before 1.58.2, NetworkManager
 * checks IPv4 only if a route has a gateway.
 */
const TUNNELS: readonly (readonly [
  title: string,
  routeData: NonNullable<IP4ConfigProperties["routeData"]>,
  ConnectivityState,
  NetworkService["state"],
  version: string,
])[] = [
  ["a default route without gateway", [SUBNET, DIRECT], Limited, "online", "1.42.4"],
  ["no default route", [SUBNET], Limited, "ready", "1.42.4"],
  ["no route", [], Limited, "ready", "1.42.4"],
  ["a default route with an empty gateway", [{ ...DIRECT, nextHop: "0.0.0.0" }], Limited, "online", "1.42.4"],
  ["a default route with gateway", [{ ...DIRECT, ...GATEWAY }], Limited, "ready", "1.42.4"],
  ["a gateway to another network", [DIRECT, { ...SUBNET, ...GATEWAY }], Limited, "ready", "1.42.4"],
  ["a captive portal", [DIRECT], ConnectivityState.Portal, "ready", "1.42.4"],
  ["no connectivity", [DIRECT], ConnectivityState.None, "ready", "1.42.4"],
  ["unknown connectivity", [DIRECT], ConnectivityState.Unknown, "ready", "1.42.4"],
  ["full connectivity without default route", [SUBNET], Full, "online", "1.42.4"],
  ["limited connectivity in the last version that does not check it", [DIRECT], Limited, "online", "1.58.1"],
  ["limited connectivity in the first version that checks it", [DIRECT], Limited, "ready", "1.58.2"],
  ["limited connectivity in a later version", [DIRECT], Limited, "ready", "1.60.0-1.fc46"],
  ["limited connectivity in a version with fewer numbers", [DIRECT], Limited, "ready", "2"],
  ["limited connectivity in a version without numbers", [DIRECT], Limited, "online", "unknown"],
  ["full connectivity in a later version", [DIRECT], Full, "online", "1.60.0"],
];

test.each(TUNNELS)("a tunnel with %s", (_, routeData, ip4Connectivity, expected, version) => {
  const manager = { version };
  const tunnel = { ...CABLE, state: DeviceState.Activated, ip4Config: "/4", ip4Connectivity };
  const wireguard = managedServices(
    objectsOf({
      manager,
      devices: { "/w": { ...tunnel, deviceType: DeviceType.Wireguard } },
      activations: { "/a": { connection: "/p", devices: ["/w"], state: ActiveConnectionState.Activated } },
      ipv4: { "/4": { addressData: [{ address: "10.8.0.2", prefix: 24 }], routeData } },
      profiles: { "/p": { connection: { id: "Work", uuid: "aa-11", type: "wireguard" } } },
    }),
  );
  const plugin = vpn(ActiveConnectionState.Activated);
  const ofPlugin = managedServices(
    objectsOf({
      ...plugin,
      manager,
      devices: { ...plugin.devices, "/t": { ...plugin.devices?.["/t"], ip4Connectivity } },
      ipv4: { ...plugin.ipv4, "/4": { ...plugin.ipv4?.["/4"], routeData } },
    }),
  );
  expect([wireguard, ofPlugin].map((services) => services.map(({ service }) => service.state))).toEqual([
    [expected],
    [expected],
  ]);
});

const up = (name: string, metric: number | undefined, metered: Metered = Metered.GuessNo) => ({
  device: {
    ...CABLE,
    interface: name,
    hwAddress: "",
    activeConnection: `/a-${name}`,
    ip4Config: `/4-${name}`,
    metered,
  },
  routeData: metric === undefined ? [] : [{ dest: "0.0.0.0", prefix: 0, metric }],
});

describe("order of preference", () => {
  const order = (description: ObjectDescription): readonly string[] =>
    managedServices(objectsOf(description)).map(({ service }) => service.interface || service.name);

  test("by the metric of the default route; then services that are up", () => {
    const links = [up("eth0", 300), up("eth1", undefined), up("eth2", 100), up("eth3", undefined, Metered.Yes)];
    const entries = links.map(({ device }) => device.interface);
    const description: ObjectDescription = {
      devices: Object.fromEntries([
        ...links.map(({ device }) => [`/${device.interface}`, { ...device, state: DeviceState.Activated }]),
        ["/idle", { ...CABLE, interface: "eth4", hwAddress: "" }],
      ]),
      activations: Object.fromEntries(entries.map((name) => [`/a-${name}`, { connection: "/p" }])),
      ipv4: Object.fromEntries(links.map(({ device, routeData }) => [device.ip4Config, { routeData }])),
      profiles: { "/p": wired("A") },
    };
    expect(order(description)).toEqual(["eth2", "eth0", "eth1", "eth3", "eth4"]);
  });

  test("of services that are down: automatic, not metered, by bearer, priority, strength", () => {
    const description: ObjectDescription = {
      devices: {
        "/1": { ...CABLE, interface: "eth0", hwAddress: "01", availableConnections: ["/manual"] },
        "/2": { ...CABLE, interface: "eth1", hwAddress: "02", availableConnections: ["/metered"] },
        "/3": { ...CABLE, interface: "eth2", hwAddress: "03", availableConnections: ["/low"] },
        "/4": { ...CABLE, interface: "eth3", hwAddress: "04", availableConnections: ["/high"] },
        "/5": { ...RADIO, interface: "wlan0", availableConnections: ["/wifi", "/weak"] },
      },
      radios: { "/5": { accessPoints: ["/weak-point", "/strong-point"] } },
      accessPoints: { "/weak-point": accessPoint("weak", { strength: 1 }), "/strong-point": accessPoint("strong") },
      profiles: {
        "/manual": wired("manual", { autoconnect: false }),
        "/metered": wired("metered", { metered: 1 }),
        "/low": wired("low"),
        "/high": wired("high", { autoconnectPriority: 5 }),
        "/wifi": wireless("strong"),
        "/weak": wireless("weak"),
      },
    };
    const names = managedServices(objectsOf(description)).map(({ service }) => service.name);
    expect(names).toEqual(["high", "low", "strong", "weak", "metered", "manual"]);
  });
});

describe("configuration of a service", () => {
  const service = (description: ObjectDescription) => managedServices(objectsOf(description))[0]?.service;
  const configured = (ipv4: object, ipv6: object = {}, profile = wired("A")): ObjectDescription => ({
    ...active({ state: DeviceState.Activated, ip4Config: "/4", ip6Config: "/6", mtu: 1500 }, profile),
    ipv4: { "/4": ipv4 },
    ipv6: { "/6": ipv6 },
  });

  test.each([
    ["no addresses", configured({}), { ipv4: {}, ipv6: {} }],
    [
      "addresses, gateways, name servers and domains",
      configured(
        {
          addressData: [{ address: "192.0.2.7", prefix: 25 }],
          gateway: "192.0.2.1",
          nameserverData: [{ address: "192.0.2.53" }, { address: "no address" }],
          domains: ["example.org", "bad domain"],
          searches: ["corp.example"],
        },
        {
          addressData: [
            { address: "fe80::1", prefix: 64 },
            { address: "2001:db8::7", prefix: 64 },
          ],
          gateway: "fe80::ff",
          nameservers: [Uint8Array.of(0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x35), Uint8Array.of(1)],
        },
      ),
      {
        ipv4: { method: "dhcp", address: "192.0.2.7", netmask: "255.255.255.128", gateway: "192.0.2.1" },
        ipv6: { method: "auto", address: "2001:db8::7", prefixLength: 64, gateway: "fe80::ff" },
        nameservers: ["192.0.2.53", "2001:db8::35"],
        domains: ["corp.example", "example.org"],
        mtuBytes: 1500,
        hardwareAddress: "02:00:00:00:0A:01",
      },
    ],
    [
      "a default route without gateway",
      configured(
        { addressData: [{ address: "10.9.0.2", prefix: 24 }], gateway: "0.0.0.0" },
        { addressData: [{ address: "2001:db8::7", prefix: 64 }], gateway: "::" },
      ),
      {
        ipv4: { method: "dhcp", address: "10.9.0.2", netmask: "255.255.255.0" },
        ipv6: { method: "auto", address: "2001:db8::7", prefixLength: 64 },
      },
    ],
    [
      "values that are no addresses",
      configured(
        { addressData: [{ address: "; reboot", prefix: 24 }, { prefix: 24 }], gateway: "x" },
        { addressData: [{ address: "2001:db8::1", prefix: 200 }], gateway: "192.0.2.1" },
      ),
      { ipv4: {}, ipv6: { method: "auto", address: "2001:db8::1" } },
    ],
    [
      "a manual configuration",
      configured(
        { addressData: [{ address: "192.0.2.7", prefix: 24 }] },
        {},
        {
          ...wired("A"),
          ipv4: { method: "manual", addressData: [{ address: "192.0.2.9", prefix: 24 }], gateway: "192.0.2.1" },
        },
      ),
      {
        ipv4: { method: "manual", address: "192.0.2.7", netmask: "255.255.255.0" },
        ipv4Configuration: { method: "manual", address: "192.0.2.9", netmask: "255.255.255.0", gateway: "192.0.2.1" },
      },
    ],
    [
      "a failure with its reason",
      active({ state: DeviceState.Failed, stateReason: { state: 120, reason: DeviceStateReason.DhcpFailed } }),
      {
        state: "failure",
        failure: "dhcp-failed",
      },
    ],
    [
      "a long name",
      active({ state: DeviceState.Activated }, wired(`${"x".repeat(255)}😀 rest`)),
      { name: "x".repeat(255) },
    ],
  ] as const)("%s", (_, description, expected) => {
    expect(service(description)).toMatchObject(expected);
  });

  test("a service that is not configured has no addresses", () => {
    const description = configured({ addressData: [{ address: "192.0.2.7", prefix: 24 }] });
    const devices = { "/d": { ...description.devices?.["/d"], state: DeviceState.Config } };
    expect(service({ ...description, devices })).toMatchObject({ state: "association", ipv4: {} });
  });
});

test.each<readonly [string, ObjectDescription, readonly string[]]>([
  ["none", {}, []],
  [
    "those of managed devices, with the switches of NetworkManager",
    {
      manager: { wirelessEnabled: false, wirelessHardwareEnabled: true, wwanEnabled: true, wwanHardwareEnabled: true },
      devices: {
        "/1": { ...RADIO, state: DeviceState.Unavailable },
        "/2": { ...CABLE, deviceType: DeviceType.Modem },
        "/3": CABLE,
        "/4": CABLE,
        "/5": { ...CABLE, deviceType: DeviceType.Bluetooth, state: DeviceState.Unmanaged },
        "/6": { ...CABLE, deviceType: DeviceType.Bridge },
      },
    },
    ["Wired on", "WiFi off", "Cellular on"],
  ],
  [
    "blocked by a hardware switch",
    { manager: { wirelessEnabled: true, wirelessHardwareEnabled: false }, devices: { "/1": RADIO } },
    ["WiFi off"],
  ],
])("technologies: %s", (_, description, expected) => {
  const technologies = managedTechnologies(objectsOf(description));
  expect(technologies.map(({ name, isPowered }) => `${name} ${isPowered ? "on" : "off"}`)).toEqual(expected);
});

test.each([
  ["at home", [], "home"],
  ["abroad", ["/modem"], "international"],
])("a modem %s", (_, roaming, expected) => {
  const device = { ...CABLE, deviceType: DeviceType.Modem, udi: "/modem" };
  const profiles = { "/p": { connection: { id: "Operator", uuid: "u", type: "gsm" } } };
  const [managed] = managedServices(objectsOf({ devices: { "/d": device }, profiles, roaming }));
  expect(managed?.service.roaming).toBe(expected);
});

test("at most 1,024 services are used", () => {
  const accessPoints = Object.fromEntries(
    Array.from({ length: 5000 }, (_, index) => [`/${index}`, accessPoint(`n${index}`)]),
  );
  expect(managedServices(objectsOf(radio(accessPoints)))).toHaveLength(1024);
});

test("any values of the declared types give services with distinct ids that D-Bus can carry", () => {
  const path = fc.constantFrom("/", "/1", "/2", "/3");
  const text = fc.string({ unit: "grapheme", maxLength: 20 });
  const number = fc.oneof(fc.nat(130), fc.constantFrom(1, 2, 5, 8, 20, 29, 100, 120, 0x10003, 2 ** 32 - 1));
  const table = <T>(values: fc.Arbitrary<T>) => fc.dictionary(path, values, { maxKeys: 4 });
  const ipData = fc.record(
    {
      addressData: fc.array(fc.record({ address: text, prefix: number }, { requiredKeys: [] }), { maxLength: 2 }),
      gateway: text,
      routeData: fc.array(
        fc.record(
          { dest: fc.constantFrom("0.0.0.0", "::", "x"), prefix: number, metric: number },
          { requiredKeys: [] },
        ),
        { maxLength: 2 },
      ),
      domains: fc.array(text, { maxLength: 2 }),
    },
    { requiredKeys: [] },
  );
  const group = fc.record(
    {
      id: text,
      uuid: text,
      type: fc.constantFrom("802-3-ethernet", "802-11-wireless", "vpn", "wireguard", "gsm", "x"),
      autoconnect: fc.boolean(),
      autoconnectPriority: fc.integer(),
      timestamp: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      interfaceName: text,
      ssid: fc.uint8Array({ maxLength: 40 }),
      keyMgmt: text,
      method: fc.constantFrom("auto", "manual", "x"),
    },
    { requiredKeys: [] },
  );
  const description = fc.record(
    {
      devices: table(
        fc.record(
          {
            deviceType: number,
            state: number,
            interface: fc.oneof(text, fc.constantFrom("eth0", "wlan0")),
            ipInterface: text,
            activeConnection: path,
            availableConnections: fc.array(path, { maxLength: 3 }),
            ip4Config: path,
            ip6Config: path,
            ip4Connectivity: number,
            interfaceFlags: number,
            hwAddress: text,
            mtu: number,
            metered: number,
            real: fc.boolean(),
            stateReason: fc.record({ state: number, reason: number }),
          },
          { requiredKeys: [] },
        ),
      ),
      radios: table(
        fc.record({ accessPoints: fc.array(path, { maxLength: 3 }), activeAccessPoint: path }, { requiredKeys: [] }),
      ),
      accessPoints: table(
        fc.record(
          { ssid: fc.uint8Array({ maxLength: 40 }), strength: fc.nat(255), flags: number, rsnFlags: number },
          { requiredKeys: [] },
        ),
      ),
      activations: table(
        fc.record(
          {
            connection: path,
            devices: fc.array(path, { maxLength: 2 }),
            state: number,
            vpn: fc.boolean(),
            ip4Config: path,
          },
          { requiredKeys: [] },
        ),
      ),
      ipv4: table(ipData),
      ipv6: table(ipData),
      stored: table(fc.record({ flags: number }, { requiredKeys: [] })),
      profiles: table(
        fc.dictionary(fc.constantFrom("connection", "ipv4", "802-11-wireless", "802-11-wireless-security"), group),
      ),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(description, (random) => {
      const services = managedServices(objectsOf(random as ObjectDescription)).map(({ service }) => service);
      expect(new Set(services.map(({ id }) => id)).size).toBe(services.length);
      for (const { id, name, strength = 0 } of services) {
        expect(id).toMatch(/^[A-Za-z0-9_]+$/);
        expect(name).not.toMatch(/\0|\p{Cs}/u);
        expect(strength).toBeLessThanOrEqual(100);
      }
    }),
  );
});
