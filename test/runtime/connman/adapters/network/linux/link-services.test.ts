import { describe, expect, it } from "vitest";
import {
  IpOutputError,
  parseLinks,
  parsePackets,
  parseRoutes,
} from "../../../../../../runtime/connman/adapters/network/linux/ip-json.ts";
import {
  type InterfaceBearers,
  servicesOfLinks,
} from "../../../../../../runtime/connman/adapters/network/linux/link-services.ts";

/** A link as `ip -json -details address show` prints it, without the fields that are not read. */
const link = (ifname: string, more: object = {}): object => ({
  ifindex: 2,
  ifname,
  flags: ["BROADCAST", "MULTICAST", "UP", "LOWER_UP"],
  operstate: "UP",
  link_type: "ether",
  address: "02:00:00:00:0a:01",
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

const services = ({ links, ipv4 = [], ipv6 = [], types = {} }: Machine, bearers?: InterfaceBearers) =>
  servicesOfLinks(
    {
      links: parseLinks(JSON.stringify(links)),
      routes: [...parseRoutes(JSON.stringify(ipv4), 4), ...parseRoutes(JSON.stringify(ipv6), 6)],
      deviceTypes: new Map(Object.entries(types)),
    },
    bearers,
  );

const SUBNET = route("192.0.2.0/24", "eth0", { protocol: "kernel" });
const DEFAULT = route("default", "eth0", { gateway: "192.0.2.1", protocol: "dhcp", metric: 100 });

describe("a service", () => {
  it("has what the kernel knows of an interface", () => {
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
      },
    ]);
  });

  const address = { addr_info: [inet("192.0.2.7", 24)] };
  it.each([
    ["idle", "switched off", link("eth0", { ...address, flags: [], operstate: "DOWN" }), [SUBNET]],
    ["idle", "no cable", link("eth0", { ...address, flags: ["UP"], operstate: "DOWN" }), [SUBNET]],
    [
      "idle",
      "the other end is off",
      link("eth0", { ...address, flags: ["UP", "LOWER_UP"], operstate: "LOWERLAYERDOWN" }),
      [],
    ],
    ["association", "not let in yet", link("eth0", { flags: ["UP", "LOWER_UP"], operstate: "DORMANT" }), []],
    ["configuration", "no address", link("eth0"), []],
    ["configuration", "no route", link("eth0", address), []],
    ["configuration", "only a route to neighbours", link("eth0", address), [route("169.254.0.0/16", "eth0")]],
    [
      "configuration",
      "an address that may be another's",
      link("eth0", { addr_info: [inet("192.0.2.7", 24, { tentative: true })] }),
      [SUBNET],
    ],
    [
      "configuration",
      "an address of the link",
      link("eth0", { addr_info: [inet("169.254.1.2", 16, { scope: "link" })] }),
      [SUBNET],
    ],
    ["ready", "a route to the subnet", link("eth0", address), [SUBNET]],
    ["ready", "hardware that does not know its state", link("eth0", { ...address, operstate: "UNKNOWN" }), [SUBNET]],
  ])("is %s: %s", (state, _why, eth0, ipv4) => {
    expect(services({ links: [eth0], ipv4 })[0]?.state).toBe(state);
  });

  it.each([
    ["prefers addresses that stay", [inet("2001:db8::1", 64, { temporary: true }), inet("2001:db8::2", 64)]],
    ["prefers addresses not about to go", [inet("2001:db8::1", 64, { deprecated: true }), inet("2001:db8::2", 64)]],
  ])("%s", (_what, addr_info) => {
    expect(services({ links: [link("eth0", { addr_info })] })[0]?.ipv6.address).toBe("2001:db8::2");
  });

  it.each([
    [32, "255.255.255.255"],
    [25, "255.255.255.128"],
    [20, "255.255.240.0"],
    [8, "255.0.0.0"],
    [0, "0.0.0.0"],
  ])("has for a prefix of %i the netmask %s", (length, netmask) => {
    const eth0 = link("eth0", { addr_info: [inet("192.0.2.7", length)] });
    expect(services({ links: [eth0] })[0]?.ipv4.netmask).toBe(netmask);
  });

  it("takes the gateway of its part of a route over several interfaces", () => {
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
      "one whose address is made up",
      link("wlan0", { permaddr: "02:00:00:00:0a:ff" }),
      "wlan",
      {},
      "wifi_020000000aff_managed",
    ],
    ["a modem", link("wwan0"), "wwan", {}, "cellular_020000000a01_context"],
    ["a telephone", link("bnep0"), "bluetooth", {}, "bluetooth_020000000a01_pan"],
    ["USB to a computer", link("usb0"), "gadget", {}, "gadget_020000000a01_usb"],
    ["loopback", link("lo", { link_type: "loopback" }), undefined, {}, undefined],
    ["a bridge", link("br0", { linkinfo: { info_kind: "bridge" } }), "bridge", {}, undefined],
    ["a cable of a bridge", link("eth0", { master: "br0" }), undefined, {}, undefined],
    ["a virtual cable", veth, undefined, {}, undefined],
    ["a virtual cable that is wanted", veth, undefined, { "veth*": "ethernet" }, "ethernet_020000000a01_cable"],
    ["one that is wanted not to be", link("eth0"), undefined, { eth0: "none", "eth*": "ethernet" }, undefined],
    ["a tunnel without address", link("wg0", { address: undefined }), undefined, { wg0: "vpn" }, "vpn__776730"],
    ["a name that is no argument", link("-eth 0"), undefined, { "*": "ethernet" }, undefined],
  ])("is known for %s", (_what, entry, type, bearers, id) => {
    const { ifname } = parseLinks(JSON.stringify([entry])).map(({ name }) => ({ ifname: name }))[0] ?? { ifname: "" };
    const types = type === undefined ? {} : { [ifname]: type };
    expect(services({ links: [entry], types }, bearers)[0]?.id).toBe(id);
  });

  it("distinguishes interfaces with the same hardware address", () => {
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
    ["name where there are no routes", [], "eth0 eth1 eth2 eth10"],
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
      "no metric before any",
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

describe("the output of ip", () => {
  it("may be nothing, or have empty objects", () => {
    expect([parseRoutes("", 4), parseRoutes("[ ]\n", 4), parseLinks("[{},{}]")]).toEqual([[], [], []]);
  });

  it("counts packets", () => {
    const stats64 = { rx: { packets: 3 }, tx: { packets: 4 } };
    expect(parsePackets(JSON.stringify([{ ifname: "eth0", stats64 }]))).toEqual(new Map([["eth0", 7]]));
  });

  it.each([
    ["text", () => parseLinks("1: lo: <LOOPBACK>"), "ip did not print JSON"],
    ["no list", () => parseLinks("{}"), "ip did not print a list of objects"],
    ["a list of others", () => parseLinks("[1]"), "ip did not print a list of objects"],
    ["no name", () => parseRoutes('[{"dst":"default","dev":7}]', 4), 'ip printed no "dev" that is a text'],
    ["no number", () => parseLinks('[{"ifindex":"2"}]'), 'ip printed no "ifindex" that is a number'],
    ["no counters", () => parsePackets('[{"ifname":"lo"}]'), 'ip printed no "stats64" that is an object'],
  ])("is refused when it is %s", (_what, parse, message) => {
    expect(parse).toThrow(new IpOutputError(message));
  });
});
