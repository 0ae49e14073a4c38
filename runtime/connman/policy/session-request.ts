import { ANY_BEARER, allowedBearers } from "./bearers.ts";
import type { Dialect } from "./dialect.ts";
import type { ConnectionType, RoamingPolicy, SessionPolicy } from "./policy.ts";
import type { RequestedSettings } from "./requested-settings.ts";
import { type Bearer, isConnected, type NetworkService, type Roaming } from "./service.ts";

/** What decides which services can serve a session. Sessions with equal demands are served alike. */
export interface SessionRequest {
  /** The bearers it may use, the one to prefer first. */
  readonly bearers: readonly Bearer[];
  readonly connectionType: ConnectionType;
  /** Name of the one interface to use, or `*`. */
  readonly interface: string;
  /** How far from home. */
  readonly roaming: Roaming;
}

const REACH: Readonly<Record<Roaming, number>> = { home: 0, national: 1, international: 2 };

/** What a session demands by what its client asks for and its policy says. */
export function demandOf(
  dialect: Dialect,
  request: RequestedSettings,
  policy: SessionPolicy | undefined,
  roamingAllowed: boolean,
): SessionRequest {
  return {
    bearers: allowedBearers(dialect, request.bearers, policy),
    connectionType: connectionTypeOf(request, policy) || "any",
    interface: request.interface,
    roaming: dialect.roaming === "decides" ? reachOf(request.roamingPolicy, roamingAllowed) : "international",
  };
}

/** The connection type that counts: a policy that says more than any comes before the client. */
export function connectionTypeOf(request: RequestedSettings, policy: SessionPolicy | undefined): ConnectionType | "" {
  return policy === undefined || policy.connectionType === "any" ? request.connectionType : policy.connectionType;
}

/** Equal for equal demands. */
export function keyOf({ bearers, connectionType, interface: name, roaming }: SessionRequest): string {
  return `${bearers.join()} ${connectionType} ${roaming} ${name}`;
}

/** Whether a session with this demand could use a service, were it connected. */
function accepts(demand: SessionRequest, service: NetworkService): boolean {
  return (
    demand.bearers.includes(service.bearer) &&
    (demand.interface === ANY_BEARER || demand.interface === service.interface) &&
    REACH[service.roaming] <= REACH[demand.roaming]
  );
}

/** Whether a session with this demand can use a service now. */
export function serves(demand: SessionRequest, service: NetworkService): boolean {
  const isUp = demand.connectionType === "internet" ? service.state === "online" : isConnected(service);
  return isUp && accepts(demand, service);
}

/**
 * The service for a session: that of the bearer it likes best; of several, the one it has; otherwise the first in the
 * order of services.
 *
 * @param current - Id of the service it has.
 */
export function choose(
  demand: SessionRequest,
  services: Iterable<NetworkService>,
  current: string | undefined,
): NetworkService | undefined {
  let chosen: NetworkService | undefined;
  let best = Number.POSITIVE_INFINITY;
  for (const service of services) {
    if (!serves(demand, service)) continue;
    const rank = demand.bearers.indexOf(service.bearer) - (service.id === current ? 0.5 : 0);
    if (rank >= best) continue;
    best = rank;
    chosen = service;
  }
  return chosen;
}

/**
 * The service to bring up for a session that asks for a connection and has none; undefined when none may be, or one is on
 * its way up.
 */
export function chooseToRaise(demand: SessionRequest, services: Iterable<NetworkService>): NetworkService | undefined {
  let chosen: NetworkService | undefined;
  let best = Number.POSITIVE_INFINITY;
  for (const service of services) {
    if (!accepts(demand, service)) continue;
    if (service.state === "association" || service.state === "configuration" || isConnected(service)) return undefined;
    const rank = demand.bearers.indexOf(service.bearer);
    if (!service.autoConnect || service.state !== "idle" || rank >= best) continue;
    best = rank;
    chosen = service;
  }
  return chosen;
}

function reachOf(policy: RoamingPolicy, allowed: boolean): Roaming {
  switch (policy) {
    case "forbidden":
      return "home";
    case "national":
      return "national";
    case "default":
      return allowed ? "international" : "home";
    case "international":
    case "always":
      return "international";
  }
}
