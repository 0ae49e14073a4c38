import { describe, expect, it } from "vitest";
import {
  IpOutputError,
  parseLinks,
  parsePackets,
  parseRoutes,
} from "../../../../../../runtime/connman/adapters/network/linux/ip-json.ts";
import {
  type InterfaceBearers,
  type NetworkReading,
  servicesOfLinks,
} from "../../../../../../runtime/connman/adapters/network/linux/link-services.ts";

/** Returns a link with the used members, as `ip -json -details address show` prints it. */
const link = (ifname: string, more: object = {}): object => ({
  ifindex: 2,
  ifname,
  flags: ["BROADCAST", "MULTICAST", "UP", "LOWER_UP"],
  operstate: "UP",
  link_type: "ether",
  address: "02:00:00:00:0a:01",
  mtu: 1500,
  group: "default",
  addr_info: [],
  ...more,
});
const inet = (local: string, prefixlen: number, more: object = {}): object => ({
  family: local.includes(":") ? "inet6" : "inet",
  local,
  prefixlen,
  scope: "global",
  ...more,
});
const route = (dst: string, dev: string, more: object = {}): object => ({ dst, dev, ...more });

interface Machine {
  readonly links: readonly object[];
  readonly ipv4?: readonly object[];
  readonly ipv6?: readonly object[];
  readonly types?: Readonly<Record<string, string>>;
}

const reading = ({ links, ipv4 = [], ipv6 = [], types = {} }: Machine): NetworkReading => ({
  links: parseLinks(JSON.stringify(links)),
  routes: [...parseRoutes(JSON.stringify(ipv4), 4), ...parseRoutes(JSON.stringify(ipv6), 6)],
  deviceTypes: new Map(Object.entries(types)),
  wirelessNames: new Map([["wlan0", "Café"]]),
});
const links = (machine: Machine, bearers?: InterfaceBearers) => servicesOfLinks(reading(machine), bearers);
const services = (machine: Machine, bearers?: InterfaceBearers) =>
  links(machine, bearers).map(({ service }) => service);

const SUBNET = route("192.0.2.0/24", "eth0", { protocol: "kernel" });
const DEFAULT = route("default", "eth0", { gateway: "192.0.2.1", protocol: "dhcp", metric: 100 });

describe("a service", () => {
  it("has the values that the kernel reports for an interface", () => {
    const eth0 = link("eth0", { addr_info: [inet("192.0.2.7", 24, { dynamic: true }), inet("2001:db8::7", 64)] });
    const router = route("default", "eth0", { gateway: "fe80::1", protocol: "ra", metric: 1024 });
    expect(services({ links: [eth0], ipv4: [DEFAULT, SUBNET], ipv6: [router] })).toEqual([
      {
        id: "ethernet_020000000a01_cable",
        name: "Wired",
        bearer: "ethernet",
        interface: "eth0",
        state: "ready",
        ipv4: { method: "dhcp", address: "192.0.2.7", netmask: "255.255.255.0", gateway: "192.0.2.1" },
        ipv6: { method: "manual", address: "2001:db8::7", prefixLength: 64, gateway: "fe80::1" },
        autoConnect: true,
        roaming: "home",
        hardwareAddress: "02:00:00:00:0A:01",
        mtuBytes: 1500,
      },
    ]);
  });

  const address = { addr_info: [inet("192.0.2.7", 24)] };
  it.each([
    ["idle", "switched off", link("eth0", { ...address, flags: [], operstate: "DOWN" }), [SUBNET]],
    ["idle", "no cable", link("eth0", { ...address, flags: ["UP"], operstate: "DOWN" }), [SUBNET]],
    [
      "idle",
      "the lower layer is down",
      link("eth0", { ...address, flags: ["UP", "LOWER_UP"], operstate: "LOWERLAYERDOWN" }),
      [],
    ],
    ["association", "not authenticated yet", link("eth0", { flags: ["UP", "LOWER_UP"], operstate: "DORMANT" }), []],
    ["configuration", "no address", link("eth0"), []],
    ["configuration", "no route", link("eth0", address), []],
    ["configuration", "only a link-local route", link("eth0", address), [route("169.254.0.0/16", "eth0")]],
    [
      "configuration",
      "a tentative address",
      link("eth0", { addr_info: [inet("192.0.2.7", 24, { tentative: true })] }),
      [SUBNET],
    ],
    [
      "configuration",
      "a link-local address",
      link("eth0", { addr_info: [inet("169.254.1.2", 16, { scope: "link" })] }),
      [SUBNET],
    ],
    ["ready", "a route to the subnet", link("eth0", address), [SUBNET]],
    ["ready", "hardware that does not report its state", link("eth0", { ...address, operstate: "UNKNOWN" }), [SUBNET]],
  ])("is %s: %s", (state, _case, eth0, ipv4) => {
    expect(services({ links: [eth0], ipv4 })[0]?.state).toBe(state);
  });

  it.each([
    ["prefers permanent addresses", [inet("2001:db8::1", 64, { temporary: true }), inet("2001:db8::2", 64)]],
    [
      "prefers addresses that are not deprecated",
      [inet("2001:db8::1", 64, { deprecated: true }), inet("2001:db8::2", 64)],
    ],
  ])("%s", (_what, addr_info) => {
    expect(services({ links: [link("eth0", { addr_info })] })[0]?.ipv6.address).toBe("2001:db8::2");
  });

  it.each([
    [32, "255.255.255.255"],
    [25, "255.255.255.128"],
    [20, "255.255.240.0"],
    [8, "255.0.0.0"],
    [0, "0.0.0.0"],
  ])("with a prefix of %i has the netmask %s", (length, netmask) => {
    const eth0 = link("eth0", { addr_info: [inet("192.0.2.7", length)] });
    expect(services({ links: [eth0] })[0]?.ipv4.netmask).toBe(netmask);
  });

  it("has the gateway of its hop of a multipath route", () => {
    const shared = {
      dst: "default",
      nexthops: [
        { dev: "eth1", gateway: "10.0.0.1" },
        { dev: "eth0", gateway: "192.0.2.1" },
      ],
    };
    const eth0 = link("eth0", { addr_info: [inet("192.0.2.7", 24)] });
    expect(services({ links: [eth0], ipv4: [shared] })[0]?.ipv4.gateway).toBe("192.0.2.1");
  });
});

describe("the bearer of an interface", () => {
  const veth = link("veth0", { linkinfo: { info_kind: "veth" } });
  it.each<[string, object, string | undefined, InterfaceBearers, string | undefined]>([
    ["a cable", link("eth0"), undefined, {}, "ethernet_020000000a01_cable"],
    ["a wireless card", link("wlan0"), "wlan", {}, "wifi_020000000a01_managed"],
    [
      "a wireless card with a random address",
      link("wlan0", { permaddr: "02:00:00:00:0a:ff" }),
      "wlan",
      {},
      "wifi_020000000aff_managed",
    ],
    ["a modem", link("wwan0"), "wwan", {}, "cellular_020000000a01_context"],
    ["a Bluetooth telephone", link("bnep0"), "bluetooth", {}, "bluetooth_020000000a01_pan"],
    ["a USB gadget", link("usb0"), "gadget", {}, "gadget_020000000a01_usb"],
    ["loopback", link("lo", { link_type: "loopback" }), undefined, {}, undefined],
    ["a bridge", link("br0", { linkinfo: { info_kind: "bridge" } }), "bridge", {}, undefined],
    ["a cable of a bridge", link("eth0", { master: "br0" }), undefined, {}, undefined],
    ["a virtual cable", veth, undefined, {}, undefined],
    ["a configured virtual cable", veth, undefined, { "veth*": "ethernet" }, "ethernet_020000000a01_cable"],
    ["an excluded interface", link("eth0"), undefined, { eth0: "none", "eth*": "ethernet" }, undefined],
    ["a tunnel without address", link("wg0", { address: undefined }), undefined, { wg0: "vpn" }, "vpn__776730"],
    ["a name that is unsafe in arguments", link("-eth 0"), undefined, { "*": "ethernet" }, undefined],
  ])("is found for %s", (_what, entry, type, bearers, id) => {
    const { ifname } = parseLinks(JSON.stringify([entry])).map(({ name }) => ({ ifname: name }))[0] ?? { ifname: "" };
    const types = type === undefined ? {} : { [ifname]: type };
    expect(services({ links: [entry], types }, bearers)[0]?.id).toBe(id);
  });

  it("differs in the id for interfaces with the same hardware address", () => {
    const links = [link("eth0", { ifindex: 2 }), link("eth0.7", { ifindex: 3, linkinfo: { info_kind: "vlan" } })];
    expect(services({ links: links.toReversed() }, { "eth*": "ethernet" }).map(({ id }) => id)).toEqual([
      "ethernet_020000000a01_cable",
      "ethernet_020000000a01_657468302e37",
    ]);
  });
});

describe("service order", () => {
  const links = ["eth10", "eth2", "eth1", "eth0"].map((name, ifindex) =>
    link(name, { ifindex, address: `02:00:00:00:00:0${ifindex}` }),
  );
  it.each([
    ["name without routes", [], "eth0 eth1 eth2 eth10"],
    [
      "metric of the default route",
      [
        route("default", "eth2", { metric: 200 }),
        route("default", "eth10", { metric: 100 }),
        route("default", "eth10", { metric: 900 }),
        route("192.0.2.0/24", "eth0", { metric: 1 }),
      ],
      "eth10 eth2 eth0 eth1",
    ],
    [
      "a missing metric first",
      [route("default", "eth1", { metric: 1 }), route("default", "eth2")],
      "eth2 eth1 eth0 eth10",
    ],
  ])("is by %s", (_by, ipv4, expected) => {
    expect(
      services({ links, ipv4 })
        .map(({ interface: name }) => name)
        .join(" "),
    ).toBe(expected);
  });
});

describe("the interface of a service", () => {
  const wg0 = link("wg0", { address: undefined, link_type: "none", addr_info: [inet("10.8.0.2", 24)] });
  it.each([
    ["has a default route with gateway", link("eth0"), [DEFAULT], { defaultRoutes: [4] }],
    ["has a default route without gateway", wg0, [route("default", "wg0", { scope: "link" })], { defaultRoutes: [4] }],
    ["has no default route", link("eth0"), [SUBNET], { defaultRoutes: [] }],
    ["is switched off", link("eth0", { flags: [], operstate: "DOWN" }), [], { isUp: false, isBroughtUp: false }],
    [
      "was switched on for a session",
      link("eth0", { group: "213" }),
      [],
      { isBroughtUp: true, hasDefaultGroup: false },
    ],
    ["is in a group of the administrator", link("eth0", { group: "lan" }), [], { hasDefaultGroup: false }],
  ])("%s", (_case, entry, ipv4, expected) => {
    expect(links({ links: [entry], ipv4 }, { wg0: "vpn" })[0]).toMatchObject(expected);
  });

  it.each([
    ["the name of its wireless network", "wlan0", "Café"],
    ["its own name without one", "wlan1", "wlan1"],
  ])("gives the service %s", (_case, name, expected) => {
    expect(services({ links: [link(name)], types: { [name]: "wlan" } })[0]?.name).toBe(expected);
  });
});

describe("the output of ip", () => {
  it("may be empty or contain empty objects", () => {
    expect([parseRoutes("", 4), parseRoutes("[ ]\n", 4), parseLinks("[{},{}]")]).toEqual([[], [], []]);
  });

  it("contains packet counts", () => {
    const stats64 = { rx: { packets: 3 }, tx: { packets: 4 } };
    expect(parsePackets(JSON.stringify([{ ifname: "eth0", stats64 }]))).toEqual(new Map([["eth0", 7]]));
  });

  it.each([
    ["not JSON", () => parseLinks("1: lo: <LOOPBACK>"), "ip did not print JSON"],
    ["not a list", () => parseLinks("{}"), "ip did not print a list of objects"],
    ["a list of numbers", () => parseLinks("[1]"), "ip did not print a list of objects"],
    ["without a name", () => parseRoutes('[{"dst":"default","dev":7}]', 4), 'ip printed no "dev" that is a text'],
    ["without a number", () => parseLinks('[{"ifindex":"2"}]'), 'ip printed no "ifindex" that is a number'],
    ["without counters", () => parsePackets('[{"ifname":"lo"}]'), 'ip printed no "stats64" that is an object'],
  ])("is rejected if it is %s", (_what, parse, message) => {
    expect(parse).toThrow(new IpOutputError(message));
  });
});
