/**
 * ConnMan's session API: the policy that allocates network services to the sessions of applications, its D-Bus services,
 * and networks for it.
 *
 * @packageDocumentation
 */

export type { SessionState } from "@dbus-codegen-ts/stubs/net.connman.Session";
export {
  type Authorizer,
  allowUids,
  type Caller,
  denyAll,
  SESSION_ACTIONS,
  type SessionAction,
} from "./adapters/authorization/authorizer.ts";
export {
  type FailedAuthorizationCheck,
  PolicyKitAuthorizer,
  type PolicyKitOptions,
} from "./adapters/authorization/policykit-authorizer.ts";
export { identityOf } from "./adapters/identity/client-identity.ts";
export { NssUserDatabase } from "./adapters/identity/nss-user-database.ts";
export { UserCache } from "./adapters/identity/user-cache.ts";
export type { Group, User, UserDatabase } from "./adapters/identity/user-database.ts";
export { CommandError } from "./adapters/linux/command.ts";
export { ConnmanNetwork, type ConnmanNetworkOptions } from "./adapters/network/connman/connman-network.ts";
export { IpOutputError } from "./adapters/network/linux/ip-json.ts";
export type { InterfaceBearers } from "./adapters/network/linux/link-services.ts";
export { LinuxNetwork, type LinuxNetworkOptions } from "./adapters/network/linux/linux-network.ts";
export { CONNMAN_ONLINE_CHECK, type OnlineCheck } from "./adapters/network/linux/online-check.ts";
export { type Network, NetworkError, type NetworkSubscription, type Technology } from "./adapters/network/network.ts";
export {
  NetworkManagerNetwork,
  type NetworkManagerOptions,
} from "./adapters/network/networkmanager/networkmanager-network.ts";
export {
  SimulatedNetwork,
  type SimulatedNetworkOptions,
  type SimulatedService,
} from "./adapters/network/simulated-network.ts";
export type { FileProblem } from "./adapters/policy-files/key-file.ts";
export { PolicyDirectory, type PolicyDirectoryOptions } from "./adapters/policy-files/policy-directory.ts";
export {
  type FilePolicy,
  type PolicyFile,
  type PolicyMatch,
  parsePolicyFile,
} from "./adapters/policy-files/policy-file.ts";
export { LinuxRouting, type LinuxRoutingOptions } from "./adapters/routing/linux/linux-routing.ts";
export {
  type FamilyPlan,
  type PlannedRoute,
  planRouting,
  type RoutingPlan,
} from "./adapters/routing/linux/routing-plan.ts";
export type { RouteOwner, Routing, SessionRoute, TrafficOwner } from "./adapters/routing/routing.ts";
export type { Clock } from "./clock.ts";
export type { Dialect, DialectName } from "./policy/dialect.ts";
export { DIALECTS } from "./policy/dialects.ts";
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
export type { AllSettings, SettingName, Settings } from "./policy/settings.ts";
export type { RoutingQuotas, SessionQuotas } from "./quotas.ts";
export type { SessionErrorHook } from "./services/connman-errors.ts";
export { refuseAsConnman } from "./services/connman-refusals.ts";
export {
  CONNMAN_NAME,
  type SessionServer,
  type SessionServerOptions,
  serveSessions,
} from "./services/session-server.ts";
