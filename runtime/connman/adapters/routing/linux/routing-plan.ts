import { isIPv4, isIPv6 } from "node:net";
import type { NetworkService } from "../../../policy/service.ts";
import { isInterfaceName } from "../../linux/interface-name.ts";
import type { RouteOwner, SessionRoute } from "../routing.ts";
import { firewallTable, type MarkedSession } from "./nftables.ts";

/** Where a table leads, as `ip route` takes it. */
export interface PlannedRoute {
  readonly table: number;
  /** `default`, a prefix, or `unreachable default`. */
  readonly destination: string;
  /** What follows: `via 192.0.2.1 dev eth0 onlink`. */
  readonly way: string;
}

/** The routing of one family of addresses. */
export interface FamilyPlan {
  readonly routes: readonly PlannedRoute[];
  /** As `ip rule` takes them, such as `fwmark 256 lookup 256 priority 20000`. */
  readonly rules: readonly string[];
}

/** All that sessions need of the system: values that say the same in the same order do the same. */
export interface RoutingPlan {
  readonly ipv4: FamilyPlan;
  readonly ipv6: FamilyPlan;
  /** The table of nftables; empty where none is needed. */
  readonly firewall: string;
}

/** Priority of the rules for the traffic of owners: before all tables of the system but that of its own addresses. */
const OWNER_PRIORITY = 20_000;
/** Priority of the rules for addresses: an owner's traffic goes where the owner's session does, whatever its address. */
const SOURCE_PRIORITY = 20_001;
/** Metric of the route that holds traffic back. Not the largest: `ip -6 route flush` passes over that one. */
const LAST_METRIC = 4_000_000_000;
const MIN_MARK = 256;
const MAX_NUMBER = 2 ** 32 - 1;

/**
 * What the system needs so that the traffic of these sessions goes over their services.
 *
 * Each session that has a service and traffic of its own gets the routing table of its number. Traffic of a user or a
 * group is marked when a connection begins, and led there by its mark; a connection keeps the session that it began
 * with. Of several sessions of the same owner the newest, which has the highest mark, gets it; a user's session comes
 * before that of a group. Traffic from the address of a service is led there by its address. A table lets nothing pass
 * by: where its service has no way, such as no IPv6, or has it no longer, the destination is unreachable.
 *
 * @throws RangeError where a name, a number or an address is not one: they become arguments and scripts.
 */
export function planRouting(routes: readonly SessionRoute[]): RoutingPlan {
  const sessions = routes.flatMap((route) => sessionOf(route) ?? []);
  return {
    ipv4: { routes: sessions.flatMap(routes4), rules: sessions.flatMap((session) => rulesOf(session, session.ipv4)) },
    ipv6: { routes: sessions.flatMap(routes6), rules: sessions.flatMap((session) => rulesOf(session, session.ipv6)) },
    firewall: firewallTable(sessions.flatMap((session) => markedOf(session) ?? [])),
  };
}

/** A session that needs routing, with everything that was checked. */
interface RoutedSession {
  readonly mark: number;
  readonly owner: RouteOwner;
  readonly sourceIPRule: boolean;
  readonly service: NetworkService;
  readonly ipv4: string | undefined;
  readonly ipv6: string | undefined;
}

function sessionOf({ mark, owner, sourceIPRule, service }: SessionRoute): RoutedSession | undefined {
  if (service === undefined || (owner === undefined && !sourceIPRule)) return undefined;
  expect(Number.isInteger(mark) && mark >= MIN_MARK && mark <= MAX_NUMBER, "mark", mark);
  expect(isInterfaceName(service.interface), "interface", service.interface);
  const { ipv4, ipv6 } = service;
  for (const text of [ipv4.address, ipv4.gateway]) expect(text === undefined || isIPv4(text), "IPv4 address", text);
  for (const text of [ipv6.address, ipv6.gateway])
    expect(text === undefined || isPlainIPv6(text), "IPv6 address", text);
  if (owner !== undefined) {
    const [kind, number] = "uid" in owner ? ["uid", owner.uid] : ["gid", owner.gid];
    expect(Number.isInteger(number) && number >= 0 && number <= MAX_NUMBER, kind, number);
  }
  return { mark, owner, sourceIPRule, service, ipv4: ipv4.address, ipv6: ipv6.address };
}

function markedOf({ mark, owner, sourceIPRule, service, ipv4, ipv6 }: RoutedSession): MarkedSession | undefined {
  return owner && { mark, owner, sourceIPRule, interface: service.interface, ipv4, ipv6 };
}

function rulesOf({ mark, owner, sourceIPRule }: RoutedSession, address: string | undefined): string[] {
  if (owner !== undefined) return [`fwmark ${mark} lookup ${mark} priority ${OWNER_PRIORITY}`];
  return sourceIPRule && address !== undefined ? [`from ${address} lookup ${mark} priority ${SOURCE_PRIORITY}`] : [];
}

function routes4({ mark, service: { interface: name, ipv4 } }: RoutedSession): PlannedRoute[] {
  if (ipv4.address === undefined) return [unreachable(mark)];
  const subnet = ipv4.netmask === undefined ? [] : [subnet4(ipv4.address, ipv4.netmask)];
  return routesOf(mark, name, subnet, ipv4.gateway);
}

function routes6({ mark, service: { interface: name, ipv6 } }: RoutedSession): PlannedRoute[] {
  if (ipv6.address === undefined) return [unreachable(mark)];
  const { prefixLength } = ipv6;
  if (prefixLength === undefined) return routesOf(mark, name, [], ipv6.gateway);
  expect(Number.isInteger(prefixLength) && prefixLength >= 0 && prefixLength <= 128, "prefix length", prefixLength);
  // The kernel cuts off what is behind the prefix.
  return routesOf(mark, name, [`${ipv6.address}/${prefixLength}`], ipv6.gateway);
}

function routesOf(
  table: number,
  name: string,
  subnets: readonly string[],
  gateway: string | undefined,
): PlannedRoute[] {
  // The gateway is on this link, whatever the prefix of the address says.
  const way = gateway === undefined ? `dev ${name}` : `via ${gateway} dev ${name} onlink`;
  return [
    ...subnets.map((destination) => ({ table, destination, way: `dev ${name}` })),
    { table, destination: "default", way },
    unreachable(table),
  ];
}

function unreachable(table: number): PlannedRoute {
  return { table, destination: "unreachable default", way: `metric ${LAST_METRIC}` };
}

function subnet4(address: string, netmask: string): string {
  expect(isIPv4(netmask), "netmask", netmask);
  const bits = bitsOf(netmask);
  const host = ~bits >>> 0;
  expect((host & (host + 1)) === 0, "netmask", netmask);
  const network = (bitsOf(address) & bits) >>> 0;
  const octets = [24, 16, 8, 0].map((shift) => (network >>> shift) & 255);
  return `${octets.join(".")}/${Math.clz32(host)}`;
}

function bitsOf(address: string): number {
  return address.split(".").reduce((bits, octet) => ((bits << 8) | Number(octet)) >>> 0, 0);
}

function isPlainIPv6(text: string): boolean {
  return isIPv6(text) && !text.includes("%");
}

function expect(holds: boolean, what: string, value: unknown): void {
  if (!holds) throw new RangeError(`cannot lead traffic: ${JSON.stringify(value)} is no ${what}`);
}
