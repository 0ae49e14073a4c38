/**
 * ConnMan sessions: which network service serves which application's session.
 *
 * @packageDocumentation
 */

export type { Network, NetworkSubscription } from "./network/network.ts";
export type {
  ConnectionType,
  Identity,
  MatchedPolicy,
  PolicySource,
  RoamingPolicy,
  SessionPolicy,
} from "./policy/policy.ts";
export {
  type Bearer,
  type IPv4,
  type IPv6,
  isConnected,
  type NetworkService,
  type Roaming,
  type ServiceState,
} from "./policy/service.ts";
export type { RouteOwner, Routing, SessionRoute } from "./routing/routing.ts";
