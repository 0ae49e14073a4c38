/**
 * ConnMan sessions: which network service serves which application's session.
 *
 * @packageDocumentation
 */

export {
  type Authorizer,
  allowUids,
  type Caller,
  denyAll,
  SESSION_ACTIONS,
  type SessionAction,
} from "./adapters/authorization/authorizer.ts";
export { type FailedCheck, PolicyKitAuthorizer, type PolicyKitOptions } from "./adapters/authorization/policykit.ts";
export { identify } from "./adapters/identity/identify.ts";
export { NssUserDatabase } from "./adapters/identity/nss.ts";
export { UserCache } from "./adapters/identity/user-cache.ts";
export type { Group, User, UserDatabase } from "./adapters/identity/users.ts";
export { CommandError } from "./adapters/network/ip-command.ts";
export { IpOutputError } from "./adapters/network/ip-json.ts";
export { LinuxNetwork, type LinuxNetworkOptions } from "./adapters/network/linux-network.ts";
export type { InterfaceBearers } from "./adapters/network/linux-services.ts";
export type { Network, NetworkSubscription } from "./adapters/network/network.ts";
export { CONNMAN_ONLINE_CHECK, type OnlineCheck } from "./adapters/network/online-check.ts";
export { SimulatedNetwork, type SimulatedService, type SimulationOptions } from "./adapters/network/simulated.ts";
export type { FileProblem } from "./adapters/policy-files/key-file.ts";
export { PolicyDirectory, type PolicyDirectoryOptions } from "./adapters/policy-files/policy-directory.ts";
export {
  type FilePolicy,
  type PolicyFile,
  type PolicyMatch,
  parsePolicyFile,
} from "./adapters/policy-files/policy-file.ts";
export { LinuxRouting } from "./adapters/routing/linux-routing.ts";
export { type FamilyPlan, type PlannedRoute, planRouting, type RoutingPlan } from "./adapters/routing/plan.ts";
export type { RouteOwner, Routing, SessionRoute } from "./adapters/routing/routing.ts";
export type { Clock } from "./clock.ts";
export type { Dialect, DialectName, SettingUse } from "./policy/dialect.ts";
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
export type { AllSettings, SessionState, SettingName, Settings } from "./policy/settings.ts";
export type { SessionErrorHook } from "./services/errors.ts";
export type { SessionLimits } from "./services/limits.ts";
export { refuseAsConnman } from "./services/refusals.ts";
export { CONNMAN_NAME, type SessionServer, type SessionServerOptions, serveSessions } from "./services/server.ts";
