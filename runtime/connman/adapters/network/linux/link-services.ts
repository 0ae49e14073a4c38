import type { Bearer, IPv4, IPv6, NetworkService, ServiceState } from "../../../policy/service.ts";
import { isInterfaceName } from "../../linux/interface-name.ts";
import { netmaskOf } from "../netmask.ts";
import type { IpAddress, IpLink, IpRoute } from "./ip-json.ts";

/** The interfaces and routes of the kernel, as they were read at one time. */
export interface NetworkReading {
  readonly links: readonly IpLink[];
  /** Routes of the main table. */
  readonly routes: readonly IpRoute[];
  /** DEVTYPE that the driver declares, by interface name. */
  readonly deviceTypes: ReadonlyMap<string, string>;
  /** Names of the wireless networks by interface name. */
  readonly wirelessNames: ReadonlyMap<string, string>;
}

/** Returns a reading in which some interfaces, given by their numbers, have no carrier. */
export function withoutCarriers(reading: NetworkReading, indexes: ReadonlyMap<number, unknown>): NetworkReading {
  if (indexes.size === 0) return reading;
  const links = reading.links.map((link) => {
    if (!indexes.has(link.index)) return link;
    return { ...link, flags: link.flags.filter((flag) => flag !== "LOWER_UP"), operState: "DOWN" };
  });
  return { ...reading, links };
}

/** A network service with properties of its interface that are not part of `NetworkService`. */
export interface LinkService {
  /** The service with the state that the kernel knows, which is never `online` or `failure`. */
  readonly service: NetworkService;
  /** Whether the interface is switched on. */
  readonly isUp: boolean;
  /** Whether the interface belongs to the group `BROUGHT_UP_GROUP`: it was switched on for a session. */
  readonly isBroughtUp: boolean;
  /**
   * Whether the interface belongs to the group `default`. Only such interfaces are moved to `BROUGHT_UP_GROUP`; other
   * groups belong to the administrator.
   */
  readonly hasDefaultGroup: boolean;
  /** Address families with a default route over the interface, with or without gateway. */
  readonly defaultRoutes: readonly (4 | 6)[];
}

/**
 * Number of the interface group of interfaces that were switched on for a session. The kernel remembers the group after
 * this process has ended.
 */
export const BROUGHT_UP_GROUP = "213";

/**
 * Bearers by interface name or, with a final `*`, by the start of names: `{ wg0: "vpn", "veth*": "ethernet", eth1: "none" }`.
 * The first match applies. `none` excludes an interface.
 */
export type InterfaceBearers = Readonly<Record<string, Bearer | "none">>;

const DEVICE_BEARERS: ReadonlyMap<string, Bearer> = new Map([
  ["wlan", "wifi"],
  ["bluetooth", "bluetooth"],
  ["gadget", "gadget"],
  ["wwan", "cellular"],
  ["wimax", "wimax"],
]);

/**
 * Display name of a service, and last part of its id, by bearer, as in ConnMan. The name of a wireless network is its
 * SSID instead.
 */
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
 * Returns the services of the interfaces in order of preference: by the metric of their default route (services without
 * default route are last), then by name. Virtual interfaces, members of bridges and bonds, and loopback are excluded
 * unless `bearers` lists them.
 *
 * The id of a service is `<bearer>_<hardware address>_<suffix>`, such as `ethernet_020000000a01_cable`. The suffix is
 * the interface name in hexadecimal if there is no hardware address, or if a previous interface has the same address.
 */
export function servicesOfLinks(reading: NetworkReading, bearers: InterfaceBearers = {}): readonly LinkService[] {
  const ids = new Set<string>();
  const ranked = usableLinks(reading, bearers).map(({ link, bearer }) => {
    const id = idOf(link, bearer, ids);
    ids.add(id);
    const routes = reading.routes.filter((route) => route.interface === link.name);
    const service = serviceOf(id, link, bearer, routes, reading.wirelessNames.get(link.name));
    const families = [4, 6] as const;
    const linkService: LinkService = {
      service,
      isUp: link.flags.includes("UP"),
      isBroughtUp: link.group === BROUGHT_UP_GROUP,
      hasDefaultGroup: link.group === "default" || link.group === "0",
      defaultRoutes: families.filter((family) => defaultRoute(routes, family) !== undefined),
    };
    return { metric: metricOf(routes), linkService };
  });
  return ranked.sort(byPreference).map(({ linkService }) => linkService);
}

interface UsableLink {
  readonly link: IpLink;
  readonly bearer: Bearer;
}

/** Returns the interfaces that can be services, each with its bearer, in the order in which they were created. */
function usableLinks(reading: NetworkReading, bearers: InterfaceBearers): readonly UsableLink[] {
  return reading.links
    .toSorted((left, right) => left.index - right.index)
    .flatMap((link) => {
      const bearer = bearerOf(link, reading.deviceTypes.get(link.name), bearers);
      return bearer === undefined ? [] : [{ link, bearer }];
    });
}

function bearerOf(link: IpLink, deviceType: string | undefined, bearers: InterfaceBearers): Bearer | undefined {
  if (!isInterfaceName(link.name)) return undefined;
  const [, configured] = Object.entries(bearers).find(([pattern]) => matches(link.name, pattern)) ?? [];
  if (configured !== undefined) return configured === "none" ? undefined : configured;
  if (link.master !== undefined) return undefined;
  if (deviceType !== undefined) return DEVICE_BEARERS.get(deviceType);
  return link.kind === undefined && link.linkType === "ether" ? "ethernet" : undefined;
}

function matches(name: string, pattern: string): boolean {
  return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

function idOf(link: IpLink, bearer: Bearer, taken: ReadonlySet<string>): string {
  const hardware = link.hardwareAddress.replaceAll(/[^0-9A-Za-z]/g, "").toLowerCase();
  const id = `${bearer}_${hardware}_${LABELS[bearer].suffix}`;
  return hardware === "" || taken.has(id) ? `${bearer}_${hardware}_${Buffer.from(link.name).toString("hex")}` : id;
}

function serviceOf(
  id: string,
  link: IpLink,
  bearer: Bearer,
  routes: readonly IpRoute[],
  wirelessName: string | undefined,
): NetworkService {
  const ipv4 = ipv4Of(link, routes);
  const ipv6 = ipv6Of(link, routes);
  return {
    id,
    name: bearer === "wifi" ? (wirelessName ?? link.name) : LABELS[bearer].name,
    bearer,
    interface: link.name,
    state: stateOf(link, (ipv4.address ?? ipv6.address) !== undefined && routes.some(isConfigured)),
    ipv4,
    ipv6,
    autoConnect: true,
    roaming: "home",
    ...(link.linkType === "ether" && { hardwareAddress: link.hardwareAddress.toUpperCase() }),
    mtuBytes: link.mtuBytes,
  };
}

function stateOf(link: IpLink, isReady: boolean): ServiceState {
  // A wireless network that is not joined yet, or a cable that requires authentication (802.1X).
  if (link.operState === "DORMANT") return "association";
  const hasCarrier = link.flags.includes("UP") && link.flags.includes("LOWER_UP") && !link.operState.endsWith("DOWN");
  if (!hasCarrier) return "idle";
  return isReady ? "ready" : "configuration";
}

/**
 * Returns whether a route shows that the interface is configured. Routes for link-local and multicast addresses do not
 * show this, because every interface has them.
 */
function isConfigured({ destination }: IpRoute): boolean {
  return !/^(fe80:|ff00:|169\.254\.|224\.)/.test(destination);
}

function ipv4Of(link: IpLink, routes: readonly IpRoute[]): IPv4 {
  const address = addressOf(link, 4);
  if (address === undefined) return {};
  const route = defaultRoute(routes, 4);
  return {
    method: address.dynamic || route?.protocol === "dhcp" ? "dhcp" : "manual",
    address: address.address,
    netmask: netmaskOf(address.prefixLength),
    ...(route?.gateway !== undefined && { gateway: route.gateway }),
  };
}

function ipv6Of(link: IpLink, routes: readonly IpRoute[]): IPv6 {
  const address = addressOf(link, 6);
  if (address === undefined) return {};
  const route = defaultRoute(routes, 6);
  return {
    method: address.dynamic ? "auto" : "manual",
    address: address.address,
    prefixLength: address.prefixLength,
    ...(route?.gateway !== undefined && { gateway: route.gateway }),
  };
}

/** Returns the address to report: preferably neither temporary nor deprecated. */
function addressOf(link: IpLink, family: 4 | 6): IpAddress | undefined {
  return link.addresses
    .filter((entry) => entry.family === family && entry.scope === "global" && entry.usable)
    .toSorted((left, right) => penaltyOf(left) - penaltyOf(right))[0];
}

function penaltyOf({ deprecated, temporary }: IpAddress): number {
  return (deprecated ? 2 : 0) + (temporary ? 1 : 0);
}

function defaultRoute(routes: readonly IpRoute[], family: 4 | 6): IpRoute | undefined {
  return routes
    .filter((route) => route.family === family && route.destination === "default")
    .toSorted((left, right) => left.metric - right.metric)[0];
}

function metricOf(routes: readonly IpRoute[]): number {
  return (defaultRoute(routes, 4) ?? defaultRoute(routes, 6))?.metric ?? Number.POSITIVE_INFINITY;
}

interface RankedService {
  readonly metric: number;
  readonly linkService: LinkService;
}

function byPreference(left: RankedService, right: RankedService): number {
  if (left.metric !== right.metric) return left.metric < right.metric ? -1 : 1;
  const [leftName, rightName] = [left.linkService.service.interface, right.linkService.service.interface];
  return leftName.localeCompare(rightName, "en", { numeric: true });
}
