import { allowedBearers } from "./bearers.ts";
import type { Dialect } from "./dialect.ts";
import type { ConnectionType, RoamingPolicy, SessionPolicy } from "./policy.ts";
import type { RequestedSettings } from "./requested-settings.ts";
import { type Bearer, isConnected, type NetworkService, type Roaming } from "./service.ts";
import { effectiveConnectionType, effectiveRoamingPolicy } from "./setting-table.ts";
import { ANY_INTERFACE } from "./settings.ts";

/** The part of a session's settings and policy that decides which services can serve it. */
export interface SessionRequest {
  /** Bearers that the session may use, in order of preference. */
  readonly bearers: readonly Bearer[];
  readonly connectionType: ConnectionType;
  /** Name of the only interface to use, or `*` for any. */
  readonly interface: string;
  /** The roaming state farthest from home that a service of the session may have. */
  readonly roaming: Roaming;
}

/** Distance of each roaming state from the home network, as a rank. */
const ROAMING_DISTANCE: Readonly<Record<Roaming, number>> = { home: 0, national: 1, international: 2 };

/**
 * Derives the request of a session from the settings of its client and its policy.
 *
 * @param isRoamingAllowed - Whether sessions whose RoamingPolicy is `default` may roam.
 */
export function sessionRequestOf(
  dialect: Dialect,
  settings: RequestedSettings,
  policy: SessionPolicy | undefined,
  isRoamingAllowed: boolean,
): SessionRequest {
  return {
    bearers: allowedBearers(dialect, settings.allowedBearers, policy),
    connectionType: effectiveConnectionType(settings.connectionType, policy) || "any",
    interface: settings.allowedInterface,
    roaming: allowedRoaming(dialect, settings, policy, isRoamingAllowed),
  };
}

/** Returns a key of a request. Equal requests have equal keys. */
export function requestKeyOf({ bearers, connectionType, interface: name, roaming }: SessionRequest): string {
  return `${bearers.join()} ${connectionType} ${roaming} ${name}`;
}

/** Returns whether a service can serve a request now. */
export function canServe(request: SessionRequest, service: NetworkService): boolean {
  const isUp = request.connectionType === "internet" ? service.state === "online" : isConnected(service);
  return isUp && canServeWhenUp(request, service);
}

/**
 * Chooses the service for a request: a service of the most preferred bearer that can serve it. Among several such
 * services, chooses the current one, or else the first.
 *
 * @param current - Id of the service that the session has.
 */
export function chooseService(
  request: SessionRequest,
  services: Iterable<NetworkService>,
  current: string | undefined,
): NetworkService | undefined {
  let chosen: NetworkService | undefined;
  let bestRank = Number.POSITIVE_INFINITY;
  for (const service of services) {
    if (!canServe(request, service)) continue;
    const rank = request.bearers.indexOf(service.bearer) - (service.id === current ? 0.5 : 0);
    if (rank >= bestRank) continue;
    bestRank = rank;
    chosen = service;
  }
  return chosen;
}

/**
 * Returns the first service that can serve a request and has a bearer that the request prefers to the bearer of the
 * current service.
 *
 * @param current - The service that the session has.
 */
export function firstBetterService(
  request: SessionRequest,
  services: Iterable<NetworkService>,
  current: NetworkService | undefined,
): NetworkService | undefined {
  const currentRank = current === undefined ? -1 : request.bearers.indexOf(current.bearer);
  for (const service of services) {
    if (!canServe(request, service)) continue;
    if (currentRank === -1 || request.bearers.indexOf(service.bearer) < currentRank) return service;
  }
  return undefined;
}

/**
 * Chooses the service to bring up for an active session without a service.
 *
 * @returns undefined if no suitable service is idle and may be brought up, or if a suitable service is already up or
 * coming up.
 */
export function chooseServiceToConnect(
  request: SessionRequest,
  services: Iterable<NetworkService>,
): NetworkService | undefined {
  let chosen: NetworkService | undefined;
  let bestRank = Number.POSITIVE_INFINITY;
  for (const service of services) {
    if (!canServeWhenUp(request, service)) continue;
    if (service.state === "association" || service.state === "configuration" || isConnected(service)) return undefined;
    const rank = request.bearers.indexOf(service.bearer);
    if (!service.autoConnect || service.isDisconnectedByUser || service.state !== "idle") continue;
    if (rank >= bestRank) continue;
    bestRank = rank;
    chosen = service;
  }
  return chosen;
}

function canServeWhenUp(request: SessionRequest, service: NetworkService): boolean {
  return (
    request.bearers.includes(service.bearer) &&
    (request.interface === ANY_INTERFACE || request.interface === service.interface) &&
    ROAMING_DISTANCE[service.roaming] <= ROAMING_DISTANCE[request.roaming]
  );
}

function allowedRoaming(
  dialect: Dialect,
  { roamingPolicy }: RequestedSettings,
  policy: SessionPolicy | undefined,
  isRoamingAllowed: boolean,
): Roaming {
  switch (dialect.roaming) {
    case "stored":
      return "international";
    case "by policy": {
      const decided = policy?.roamingPolicy ?? "default";
      return decided === "default" ? "international" : widestRoaming(decided, isRoamingAllowed);
    }
    case "by setting and policy":
      return widestRoaming(effectiveRoamingPolicy(roamingPolicy, policy), isRoamingAllowed);
  }
}

function widestRoaming(policy: RoamingPolicy, isRoamingAllowed: boolean): Roaming {
  switch (policy) {
    case "forbidden":
      return "home";
    case "national":
      return "national";
    case "default":
      return isRoamingAllowed ? "international" : "home";
    case "international":
    case "always":
      return "international";
  }
}
