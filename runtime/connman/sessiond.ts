import { type Bus, connect } from "@dbus-codegen-ts/runtime";
import type { RunningProgram } from "@dbus-codegen-ts/runtime/program";
import type { Authorizer } from "./adapters/authorization/authorizer.ts";
import { NssUserDatabase } from "./adapters/identity/nss-user-database.ts";
import { UserCache } from "./adapters/identity/user-cache.ts";
import type { PolicyDirectory } from "./adapters/policy-files/policy-directory.ts";
import type { LinuxRouting } from "./adapters/routing/linux/linux-routing.ts";
import { type NetworkName, type OpenNetworkOptions, openNetwork } from "./open-network.ts";
import type { DialectName } from "./policy/dialect.ts";
import { DIALECTS } from "./policy/dialects.ts";
import type { RoutingQuotas, SessionQuotas } from "./quotas.ts";
import { refuseAsConnman } from "./services/connman-refusals.ts";
import { CONNMAN_NAME, serveSessions } from "./services/session-server.ts";
import { warmUp } from "./warm-up.ts";

/** Options of the session service. */
export interface SessiondOptions extends Omit<OpenNetworkOptions, "onError" | "ownBus"> {
  readonly network: NetworkName;
  readonly dialect: DialectName;
  readonly policyFolder: string | undefined;
  /** Whether the traffic of sessions is routed over their services. Not possible with a simulated network. */
  readonly routing: boolean;
  readonly polkit: boolean;
  /** Whether sessions whose RoamingPolicy is `default` may roam. */
  readonly roaming: boolean;
  readonly quotas: SessionQuotas & RoutingQuotas;
}

/**
 * Quotas on received messages. They are far above the size of all settings of a session, and low enough that decoding
 * is fast.
 */
const MESSAGE_QUOTAS = { decodedBytesPerMessage: 2 ** 22, excessBytesPerMessage: 2 ** 20 } as const;

/**
 * Serves sessions until the program must end.
 *
 * @throws Error if bus or network cannot be used, or if the connection to the bus is lost.
 */
export async function runSessiond(options: SessiondOptions, running: RunningProgram): Promise<void> {
  const { dialect, roaming, quotas } = options;
  const { reportError: onError } = running;
  const refusals = DIALECTS[dialect].refusals === "connman" ? { refuse: refuseAsConnman } : {};
  await using bus = await connect({ bus: running.bus, onError, quotas: MESSAGE_QUOTAS, ...refusals });
  // The warm-up runs while the network is read.
  const warmedUp = warmUp(dialect, onError);
  await using opened = await openNetwork(options.network, { ...options, ownBus: bus, onError });
  const { network } = opened;
  if (options.network === "auto") onError(`--network auto uses ${opened.name}`);
  await using routing = await openRouting(options, onError);
  await using source = await openPolicies(options, onError);
  const authorizer = options.polkit ? await openPolicyKit(bus, onError) : undefined;
  const users = new UserCache(new NssUserDatabase());
  await warmedUp;
  await using _ = await serveSessions(bus, {
    network,
    dialect,
    roaming,
    quotas,
    onError,
    ...(routing && { routing }),
    ...(source && { policies: { source, users } }),
    ...(authorizer && { authorizer }),
  });
  running.reportReady(CONNMAN_NAME);
  await running.untilStopped(bus);
}

type OnError = RunningProgram["reportError"];

// Modules that only some options need are imported with these options, because loading modules takes most of the time
// of a start.

/**
 * Opens the routing of sessions. If routing is switched off, removes what a process that crashed has left, and returns
 * undefined.
 */
async function openRouting(
  { network, routing, quotas }: SessiondOptions,
  onError: OnError,
): Promise<LinuxRouting | undefined> {
  if (!routing && network === "simulated") return undefined;
  const { LinuxRouting, removeLeftRouting } = await import("./adapters/routing/linux/linux-routing.ts");
  if (routing) return new LinuxRouting({ quotas });
  await removeLeftRouting().catch(onError);
  return undefined;
}

async function openPolicyKit(bus: Bus, onError: OnError): Promise<Authorizer> {
  const { PolicyKitAuthorizer } = await import("./adapters/authorization/policykit-authorizer.ts");
  return new PolicyKitAuthorizer(bus, { onError });
}

async function openPolicies(options: SessiondOptions, onError: OnError): Promise<PolicyDirectory | undefined> {
  const { policyFolder, routing } = options;
  if (policyFolder === undefined) return undefined;
  const cgroupLimit = routing ? await whyNoCgroups() : "--routing is not set";
  const { PolicyDirectory } = await import("./adapters/policy-files/policy-directory.ts");
  return PolicyDirectory.open(policyFolder, {
    onProblems(path, problems) {
      for (const { line = 1, column = 1, message } of problems) onError(`${path}:${line}:${column}: ${message}`);
    },
    limitOf({ blockWithoutService, separateByCgroup }) {
      if (blockWithoutService && !routing)
        return "BlockWithoutService needs --routing: sessions of the policy are refused";
      if (separateByCgroup && cgroupLimit) return `SeparateByCgroup has no effect: ${cgroupLimit}`;
      return undefined;
    },
  });
}

async function whyNoCgroups(): Promise<string | undefined> {
  const { cgroupHierarchy } = await import("./adapters/routing/linux/cgroup-hierarchy.ts");
  return cgroupHierarchy().then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : "control groups are not supported"),
  );
}
