import { connect } from "@dbus-codegen-ts/runtime";
import type { RunningProgram } from "@dbus-codegen-ts/runtime/program";
import { PolicyKitAuthorizer } from "./adapters/authorization/policykit-authorizer.ts";
import { NssUserDatabase } from "./adapters/identity/nss-user-database.ts";
import { UserCache } from "./adapters/identity/user-cache.ts";
import type { InterfaceBearers } from "./adapters/network/linux/link-services.ts";
import { LinuxNetwork } from "./adapters/network/linux/linux-network.ts";
import type { OnlineCheck } from "./adapters/network/linux/online-check.ts";
import type { Network } from "./adapters/network/network.ts";
import { SimulatedNetwork } from "./adapters/network/simulated-network.ts";
import { PolicyDirectory } from "./adapters/policy-files/policy-directory.ts";
import { LinuxRouting, removeLeftRouting } from "./adapters/routing/linux/linux-routing.ts";
import type { DialectName } from "./policy/dialect.ts";
import { DIALECTS } from "./policy/dialects.ts";
import type { RoutingQuotas, SessionQuotas } from "./quotas.ts";
import { refuseAsConnman } from "./services/connman-refusals.ts";
import { CONNMAN_NAME, serveSessions } from "./services/session-server.ts";

/** Options of the session service. */
export interface SessiondOptions {
  readonly network: "simulated" | "linux";
  readonly dialect: DialectName;
  readonly policyFolder: string | undefined;
  /** With `linux`: bearers by interface name. */
  readonly bearers: InterfaceBearers;
  /** With `linux`: how a service becomes online; undefined: never. */
  readonly online: OnlineCheck | "assume" | undefined;
  /** With `linux`: whether Connect brings up interfaces that are switched off. */
  readonly switchInterfaces: boolean;
  /** With `linux`: whether the traffic of sessions is routed over their services. */
  readonly routing: boolean;
  readonly polkit: boolean;
  /** Whether sessions whose RoamingPolicy is `default` may roam. */
  readonly roaming: boolean;
  readonly quotas: SessionQuotas & RoutingQuotas;
}

/** A cable that is online, and a wireless network that can be brought up. */
const SIMULATED_SERVICES = [
  {
    id: "ethernet_cable",
    name: "Wired",
    bearer: "ethernet",
    interface: "eth0",
    state: "online",
    ipv4: { method: "dhcp", address: "192.0.2.7", netmask: "255.255.255.0", gateway: "192.0.2.1" },
  },
  { id: "wifi_home", name: "Home", bearer: "wifi", interface: "wlan0" },
] as const;

/** Far more than the settings of a session, and few enough that decoding takes a short time. */
const MESSAGE_QUOTAS = { elementsPerMessage: 2 ** 16 } as const;

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
  await using network = await openNetwork(options, onError);
  if (options.network !== "simulated" && !options.routing) await removeLeftRouting();
  await using routing = options.routing ? new LinuxRouting({ quotas }) : undefined;
  await using source = await openPolicies(options, onError);
  const users = new UserCache(new NssUserDatabase());
  await using _ = await serveSessions(bus, {
    network,
    dialect,
    roaming,
    quotas,
    onError,
    ...(routing && { routing }),
    ...(source && { policies: { source, users } }),
    ...(options.polkit && { authorizer: new PolicyKitAuthorizer(bus, { onError }) }),
  });
  running.reportReady(CONNMAN_NAME);
  await running.untilStopped(bus);
}

type OnError = RunningProgram["reportError"];

async function openNetwork(options: SessiondOptions, onError: OnError): Promise<Network> {
  const { network, bearers, online, switchInterfaces } = options;
  if (network === "simulated") return new SimulatedNetwork(SIMULATED_SERVICES, { stepDelayMs: 500 });
  return LinuxNetwork.open({ bearers, ...(online && { online }), switchInterfaces, onError });
}

async function openPolicies({ policyFolder }: SessiondOptions, onError: OnError): Promise<PolicyDirectory | undefined> {
  if (policyFolder === undefined) return undefined;
  return PolicyDirectory.open(policyFolder, {
    onProblems(path, problems) {
      for (const { line = 1, column = 1, message } of problems) onError(`${path}:${line}:${column}: ${message}`);
    },
  });
}
