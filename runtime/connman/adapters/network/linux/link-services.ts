import type { Bearer, IPv4, IPv6, NetworkService, ServiceState } from "../../../policy/service.ts";
import { isInterfaceName } from "../../linux/interface-name.ts";
import type { IpAddress, IpLink, IpRoute } from "./ip-json.ts";

/** What the kernel says of the network at one time. */
export interface NetworkReading {
  readonly links: readonly IpLink[];
  /** Those of the main table. */
  readonly routes: readonly IpRoute[];
  /** DEVTYPE by name of the interface, where it has one. */
  readonly deviceTypes: ReadonlyMap<string, string>;
}

/**
 * What interfaces are, by name or by the beginning of names: `{ wg0: "vpn", "veth*": "ethernet", "eth1": "none" }`.
 * The first that fits holds. `none` leaves an interface out.
 */
export type InterfaceBearers = Readonly<Record<string, Bearer | "none">>;

const DEVICE_BEARERS: ReadonlyMap<string, Bearer> = new Map([
  ["wlan", "wifi"],
  ["bluetooth", "bluetooth"],
  ["gadget", "gadget"],
  ["wwan", "cellular"],
  ["wimax", "wimax"],
]);

/** Names for people, and the last part of the id, as ConnMan has them. */
const LABELS: Readonly<Record<Bearer, { readonly name: string; readonly suffix: string }>> = {
  ethernet: { name: "Wired", suffix: "cable" },
  gadget: { name: "Wired", suffix: "usb" },
  wifi: { name: "WiFi", suffix: "managed" },
  bluetooth: { name: "Bluetooth", suffix: "pan" },
  cellular: { name: "Cellular", suffix: "context" },
  vpn: { name: "VPN", suffix: "tunnel" },
  wimax: { name: "WiMAX", suffix: "provider" },
};

/**
 * The services that the interfaces are, in service order: by the metric of their default route, those without one last,
 * then by name. Virtual interfaces, members of bridges and bonds, and loopback are none unless `bearers` says so.
 *
 * The id of a service is `<bearer>_<hardware address>_<suffix>`, such as `ethernet_020000000a01_cable`. Where there is
 * no hardware address, or an interface before has the same, the name of the interface in hex takes the suffix's place.
 */
export function servicesOfLinks(reading: NetworkReading, bearers: InterfaceBearers = {}): readonly NetworkService[] {
  const found = reading.links
    .toSorted((one, other) => one.index - other.index)
    .flatMap((link) => {
      const bearer = bearerOf(link, reading.deviceTypes.get(link.name), bearers);
      return bearer === undefined ? [] : [{ link, bearer }];
    });
  const ids = new Set<string>();
  const ranked = found.map(({ link, bearer }) => {
    const id = idOf(link, bearer, ids);
    ids.add(id);
    const routes = reading.routes.filter((route) => route.interface === link.name);
    return { metric: metricOf(routes), service: serviceOf(id, link, bearer, routes) };
  });
  return ranked.sort(compare).map(({ service }) => service);
}

function bearerOf(link: IpLink, deviceType: string | undefined, bearers: InterfaceBearers): Bearer | undefined {
  if (!isInterfaceName(link.name)) return undefined;
  const rule = Object.entries(bearers).find(([pattern]) => fits(link.name, pattern));
  if (rule !== undefined) return rule[1] === "none" ? undefined : rule[1];
  if (link.master !== undefined) return undefined;
  if (deviceType !== undefined) return DEVICE_BEARERS.get(deviceType);
  return link.kind === undefined && link.linkType === "ether" ? "ethernet" : undefined;
}

function fits(name: string, pattern: string): boolean {
  return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

function idOf(link: IpLink, bearer: Bearer, taken: ReadonlySet<string>): string {
  const hardware = link.hardwareAddress.replaceAll(/[^0-9A-Za-z]/g, "").toLowerCase();
  const id = `${bearer}_${hardware}_${LABELS[bearer].suffix}`;
  return hardware === "" || taken.has(id) ? `${bearer}_${hardware}_${Buffer.from(link.name).toString("hex")}` : id;
}

function serviceOf(id: string, link: IpLink, bearer: Bearer, routes: readonly IpRoute[]): NetworkService {
  const ipv4 = ipv4Of(link, routes);
  const ipv6 = ipv6Of(link, routes);
  return {
    id,
    name: LABELS[bearer].name,
    bearer,
    interface: link.name,
    state: stateOf(link, (ipv4.address ?? ipv6.address) !== undefined && routes.some(leadsSomewhere)),
    ipv4,
    ipv6,
    autoConnect: true,
    roaming: "home",
  };
}

function stateOf(link: IpLink, isConfigured: boolean): ServiceState {
  // A wireless network that is not joined yet, a cable that wants to know who is there.
  if (link.operState === "DORMANT") return "association";
  const hasCarrier = link.flags.includes("UP") && link.flags.includes("LOWER_UP") && !link.operState.endsWith("DOWN");
  if (!hasCarrier) return "idle";
  return isConfigured ? "ready" : "configuration";
}

/** Whether a route leads to more than the neighbours that need no configuration. */
function leadsSomewhere({ destination }: IpRoute): boolean {
  return !/^(fe80:|ff00:|169\.254\.|224\.)/.test(destination);
}

function ipv4Of(link: IpLink, routes: readonly IpRoute[]): IPv4 {
  const found = addressOf(link, 4);
  if (found === undefined) return {};
  const route = defaultRoute(routes, 4);
  return {
    method: found.dynamic || route?.protocol === "dhcp" ? "dhcp" : "manual",
    address: found.address,
    netmask: netmaskOf(found.prefixLength),
    ...(route?.gateway !== undefined && { gateway: route.gateway }),
  };
}

function ipv6Of(link: IpLink, routes: readonly IpRoute[]): IPv6 {
  const found = addressOf(link, 6);
  if (found === undefined) return {};
  const route = defaultRoute(routes, 6);
  return {
    method: found.dynamic ? "auto" : "manual",
    address: found.address,
    prefixLength: found.prefixLength,
    ...(route?.gateway !== undefined && { gateway: route.gateway }),
  };
}

/** The address to be known by: one that stays, rather than one made up for privacy or about to go. */
function addressOf(link: IpLink, family: 4 | 6): IpAddress | undefined {
  return link.addresses
    .filter((entry) => entry.family === family && entry.scope === "global" && entry.usable)
    .toSorted((one, other) => badness(one) - badness(other))[0];
}

function badness({ deprecated, temporary }: IpAddress): number {
  return (deprecated ? 2 : 0) + (temporary ? 1 : 0);
}

function netmaskOf(prefixLength: number): string {
  const octets = [0, 8, 16, 24].map((begin) => 256 - 2 ** (8 - Math.min(8, Math.max(0, prefixLength - begin))));
  return octets.join(".");
}

function defaultRoute(routes: readonly IpRoute[], family: 4 | 6): IpRoute | undefined {
  return routes
    .filter((route) => route.family === family && route.destination === "default")
    .toSorted((one, other) => one.metric - other.metric)[0];
}

function metricOf(routes: readonly IpRoute[]): number {
  return (defaultRoute(routes, 4) ?? defaultRoute(routes, 6))?.metric ?? Number.POSITIVE_INFINITY;
}

interface Ranked {
  readonly metric: number;
  readonly service: NetworkService;
}

function compare(one: Ranked, other: Ranked): number {
  if (one.metric !== other.metric) return one.metric < other.metric ? -1 : 1;
  return one.service.interface.localeCompare(other.service.interface, "en", { numeric: true });
}
