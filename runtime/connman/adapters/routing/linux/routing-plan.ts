import { isIPv4, isIPv6 } from "node:net";
import type { NetworkService } from "../../../policy/service.ts";
import { DEFAULT_ROUTING_QUOTAS, type RoutingQuotas } from "../../../quotas.ts";
import { isCgroupPath } from "../../linux/cgroup-path.ts";
import { isInterfaceName } from "../../linux/interface-name.ts";
import type { RouteOwner, SessionRoute, TrafficOwner } from "../routing.ts";
import { type BoundDevice, boundDevices } from "./bound-devices.ts";
import { firewallTable, type MarkedSession } from "./nftables.ts";

/** A route of a routing table, in the syntax of `ip route`. */
export interface PlannedRoute {
  readonly table: number;
  /** Destination: `default`, a prefix such as `192.0.2.0/24`, or `unreachable default`. */
  readonly destination: string;
  /** Options after the destination, such as `via 192.0.2.1 dev eth0 onlink`. */
  readonly nextHop: string;
}

/** Routing of one address family. */
export interface FamilyPlan {
  readonly routes: readonly PlannedRoute[];
  /** Rules in the syntax of `ip rule`, such as `fwmark 256 lookup 256 priority 20000`. */
  readonly rules: readonly string[];
}

/** Routes, rules and firewall for all sessions. Plans with equal texts in equal order have equal effects. */
export interface RoutingPlan {
  readonly ipv4: FamilyPlan;
  readonly ipv6: FamilyPlan;
  /** The nftables table for `nft -f`; empty if no table is necessary. */
  readonly firewall: string;
}

/**
 * Priority of rules for sockets that are bound to an interface. They apply before `OWNER_PRIORITY`, because the newest
 * session of the owner may have another interface.
 */
const BOUND_PRIORITY = 19_998;
/** Priority of rules for owners. They apply before all tables of the system except that of local addresses. */
const OWNER_PRIORITY = 20_000;
/**
 * Priority of rules for source addresses. They apply after `OWNER_PRIORITY`: traffic of an owner belongs to its session
 * at any source address.
 */
const SOURCE_PRIORITY = 20_001;
/** Priority of rules for confined users. They apply after the rules of sessions and before the tables of the system. */
const CONFINED_PRIORITY = 20_002;
/**
 * Metric of the unreachable route, which must be the last of its table. `ip -6 route flush` skips routes with the
 * largest possible metric.
 */
const UNREACHABLE_METRIC = 4_000_000_000;
const MIN_MARK = 256;
const MAX_NUMBER = 2 ** 32 - 1;

/**
 * Plans routes, rules and a firewall by which the traffic of sessions uses their services.
 *
 * Each session with a service, and with an owner or SourceIPRule, gets a routing table with the number of its mark. The
 * table has a route for every destination. If the service has no address of a family, all destinations of the family
 * are unreachable.
 *
 * If a session has an owner, new connections of the owner get the mark of the session, and are routed by their mark. A
 * connection keeps its session. If an owner has several sessions, a new connection belongs to the newest session, which
 * has the highest mark. But if its socket is bound to an interface, the connection belongs to the newest session with
 * this interface. A session of a user takes precedence over a session of a group.
 *
 * If a session has SourceIPRule and no owner, traffic of the client's user from the address of the service is routed by
 * this address. Such sessions share a rule if user and service are equal, and share a table if the service is equal.
 *
 * Owners of sessions with `blocksWithoutService` may send packets only over services of their sessions. The firewall
 * refuses all other packets in every plan with a session of the owner. Users except root also have a rule for packets
 * without mark: it routes them by the newest table of the user, or nowhere. The rule is in force even if another
 * program removes the firewall.
 *
 * Sessions beyond the quotas are left out; older sessions take precedence. Sessions that share a rule count as one.
 *
 * @throws RangeError if a name, number or address is invalid. They become part of arguments and scripts.
 */
export function planRouting(
  routes: readonly SessionRoute[],
  quotas: Required<RoutingQuotas> = DEFAULT_ROUTING_QUOTAS,
  cgroupPrefix = "",
): RoutingPlan {
  for (const route of routes) validateNumbers(route);
  const sessions = sharingTables(
    withinQuotas(withoutEqualRules(routes.flatMap((route) => sessionOf(route) ?? [])), quotas),
  );
  const withTables = sessions.filter(({ mark, table }) => mark === table);
  const blocking = routes.filter(({ blocksWithoutService }) => blocksWithoutService === true);
  const confined = withoutDuplicates(blocking.flatMap(({ owner }) => owner ?? []));
  const newest = new Map(sessions.map((session) => [JSON.stringify(session.owner), session]));
  const bound = boundDevices(sessions.flatMap((session) => ownedOf(session) ?? []));
  const boundRules = bound.flatMap((device) => rulesOfBound(device, confined));
  const confinedRules = confined.flatMap((owner) => confinedRule(owner, newest.get(JSON.stringify(owner))));
  const call = routes.find(({ isEmergencyCall }) => isEmergencyCall === true);
  const firewall = {
    sessions: sessions.flatMap((session) => markedOf(session) ?? []),
    bound,
    confined,
    waitingMarks: blocking.filter(({ service }) => service === undefined).map(({ mark }) => mark),
    emergencyCall: call && { mark: call.mark, owner: call.owner ?? userOf(call) },
  };
  return {
    ipv4: {
      routes: withTables.flatMap(routes4),
      rules: [...sessions.flatMap((session) => rulesOf(session, session.ipv4)), ...boundRules, ...confinedRules],
    },
    ipv6: {
      routes: withTables.flatMap(routes6),
      rules: [...sessions.flatMap((session) => rulesOf(session, session.ipv6)), ...boundRules, ...confinedRules],
    },
    firewall: firewallTable(firewall, cgroupPrefix),
  };
}

function userOf({ user }: SessionRoute): RouteOwner {
  return user === undefined ? undefined : { uid: user };
}

function withoutDuplicates(owners: readonly TrafficOwner[]): readonly TrafficOwner[] {
  return [...new Map(owners.map((owner) => [JSON.stringify(owner), owner])).values()];
}

/**
 * Returns the rules for packets of sockets that are bound to the interface of an older session: for packets with the
 * mark of the owner's newest session and, if the owner is confined, for packets without mark.
 */
function rulesOfBound(device: BoundDevice, confined: readonly TrafficOwner[]): string[] {
  const { newestMark, interface: name, table, owner } = device;
  const action = `oif ${name} lookup ${table} priority ${BOUND_PRIORITY}`;
  const uid = confined.some((other) => JSON.stringify(other) === JSON.stringify(owner)) ? ruledUser(owner) : undefined;
  const withoutMark = uid === undefined ? [] : [`uidrange ${uid}-${uid} ${action}`];
  return [`fwmark ${newestMark} ${action}`, ...withoutMark];
}

/**
 * Returns the uid for rules that select the packets of an owner; undefined if the owner is not a user. Also undefined
 * for root, because packets of the kernel count as packets of root.
 */
function ruledUser(owner: TrafficOwner): number | undefined {
  return "uid" in owner && !("cgroup" in owner) && owner.uid !== 0 ? owner.uid : undefined;
}

/** Returns the rule for packets of a confined user that have no mark. */
function confinedRule(owner: TrafficOwner, newest: RoutedSession | undefined): string[] {
  const uid = ruledUser(owner);
  if (uid === undefined) return [];
  const action = newest === undefined ? "unreachable" : `lookup ${newest.table}`;
  return [`uidrange ${uid}-${uid} ${action} priority ${CONFINED_PRIORITY}`];
}

/** A session that must be routed, with validated values. */
interface RoutedSession {
  readonly mark: number;
  /** Number of its routing table: its mark, or the mark of an older session that shares its table. */
  readonly table: number;
  readonly owner: RouteOwner;
  /** The user whose traffic is routed by its source address. Used if there is no owner. */
  readonly user: number | undefined;
  readonly sourceIPRule: boolean;
  readonly service: NetworkService;
  readonly ipv4: string | undefined;
  readonly ipv6: string | undefined;
}

function sessionOf({ mark, owner, user, sourceIPRule, service }: SessionRoute): RoutedSession | undefined {
  if (service === undefined || (owner === undefined && (!sourceIPRule || user === undefined))) return undefined;
  validate(isInterfaceName(service.interface), "interface", service.interface);
  const { ipv4, ipv6 } = service;
  for (const text of [ipv4.address, ipv4.gateway]) validate(text === undefined || isIPv4(text), "IPv4 address", text);
  for (const text of [ipv6.address, ipv6.gateway])
    validate(text === undefined || isPlainIPv6(text), "IPv6 address", text);
  return { mark, table: mark, owner, user, sourceIPRule, service, ipv4: ipv4.address, ipv6: ipv6.address };
}

/** Validates the values of a session that do not depend on its service. */
function validateNumbers({ mark, owner, user }: SessionRoute): void {
  validate(Number.isInteger(mark) && mark >= MIN_MARK && mark <= MAX_NUMBER, "mark", mark);
  validate(user === undefined || isId(user), "uid", user);
  if (owner === undefined) return;
  if ("gid" in owner) validate(isId(owner.gid), "gid", owner.gid);
  else validate(isId(owner.uid), "uid", owner.uid);
  if ("cgroup" in owner) validate(isCgroupPath(owner.cgroup), "control group", owner.cgroup);
}

function isId(number: number | undefined): boolean {
  return number !== undefined && Number.isInteger(number) && number >= 0 && number <= MAX_NUMBER;
}

/** Removes sessions without owner that would have the same rule as an older session. */
function withoutEqualRules(sessions: readonly RoutedSession[]): readonly RoutedSession[] {
  const rules = new Set<string>();
  return sessions.filter(({ owner, user, service }) => {
    const rule = `${user} ${service.id}`;
    const isFirst = owner !== undefined || !rules.has(rule);
    if (owner === undefined) rules.add(rule);
    return isFirst;
  });
}

/** Lets sessions without owner share a table if they have the same service: all get the table of the oldest. */
function sharingTables(sessions: readonly RoutedSession[]): readonly RoutedSession[] {
  const tables = new Map<string, number>();
  return sessions.map((session) => {
    const { mark, owner, service } = session;
    if (owner !== undefined) return session;
    const table = tables.get(service.id) ?? mark;
    tables.set(service.id, table);
    return { ...session, table };
  });
}

function withinQuotas(
  sessions: readonly RoutedSession[],
  { routedSessionsPerOwner, routedSessions }: Required<RoutingQuotas>,
): readonly RoutedSession[] {
  const counts = new Map<string, number>();
  let total = 0;
  return sessions.filter(({ owner, user }) => {
    const key = JSON.stringify(owner ?? { user });
    const count = counts.get(key) ?? 0;
    if (count >= routedSessionsPerOwner || total >= routedSessions) return false;
    counts.set(key, count + 1);
    total++;
    return true;
  });
}

function ownedOf({ mark, table, owner, service }: RoutedSession) {
  return owner && { mark, table, owner, interface: service.interface };
}

function markedOf({ mark, owner, sourceIPRule, service, ipv4, ipv6 }: RoutedSession): MarkedSession | undefined {
  return owner && { mark, owner, sourceIPRule, interface: service.interface, ipv4, ipv6 };
}

function rulesOf({ mark, table, owner, user }: RoutedSession, address: string | undefined): string[] {
  if (owner !== undefined) return [`fwmark ${mark} lookup ${table} priority ${OWNER_PRIORITY}`];
  if (address === undefined) return [];
  return [`from ${address} uidrange ${user}-${user} lookup ${table} priority ${SOURCE_PRIORITY}`];
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
  validate(Number.isInteger(prefixLength) && prefixLength >= 0 && prefixLength <= 128, "prefix length", prefixLength);
  // The kernel ignores the bits after the prefix.
  return routesOf(mark, name, [`${ipv6.address}/${prefixLength}`], ipv6.gateway);
}

function routesOf(
  table: number,
  name: string,
  subnets: readonly string[],
  gateway: string | undefined,
): PlannedRoute[] {
  // `onlink`: the gateway may be outside the prefix of the address.
  const nextHop = gateway === undefined ? `dev ${name}` : `via ${gateway} dev ${name} onlink`;
  return [
    ...subnets.map((destination) => ({ table, destination, nextHop: `dev ${name}` })),
    { table, destination: "default", nextHop },
    unreachable(table),
  ];
}

function unreachable(table: number): PlannedRoute {
  return { table, destination: "unreachable default", nextHop: `metric ${UNREACHABLE_METRIC}` };
}

function subnet4(address: string, netmask: string): string {
  validate(isIPv4(netmask), "netmask", netmask);
  const bits = bitsOf(netmask);
  const host = ~bits >>> 0;
  validate((host & (host + 1)) === 0, "netmask", netmask);
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

function validate(isValid: boolean, type: string, value: unknown): void {
  if (!isValid) throw new RangeError(`cannot route traffic: ${JSON.stringify(value)} is not a valid ${type}`);
}
