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
import { LinuxRouting } from "./adapters/routing/linux/linux-routing.ts";
import type { DialectName } from "./policy/dialect.ts";
import { DIALECTS } from "./policy/dialects.ts";
import { refuseAsConnman } from "./services/connman-refusals.ts";
import { CONNMAN_NAME, serveSessions } from "./services/session-server.ts";

/** What the session service runs on. */
export interface SessiondOptions {
  readonly network: "simulated" | "linux";
  readonly dialect: DialectName;
  readonly policyFolder: string | undefined;
  /** With `linux`: what interfaces are. */
  readonly bearers: InterfaceBearers;
  /** With `linux`: how a service is found to be online. */
  readonly online: OnlineCheck | "assume" | undefined;
  /** With `linux`: whether the traffic of sessions is led over their services. */
  readonly routing: boolean;
  readonly polkit: boolean;
  /** Whether sessions may roam that leave it to the machine. */
  readonly roaming: boolean;
}

/** A machine that is online by cable and could use a wireless network. */
const SIMULATED = [
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

/**
 * Serves sessions until it is asked to end.
 *
 * @throws Error that says why bus or network cannot be used, or how the bus was lost.
 */
export async function runSessiond(options: SessiondOptions, running: RunningProgram): Promise<void> {
  const { dialect, roaming } = options;
  const { reportError: onError } = running;
  const refusals = DIALECTS[dialect].refusals === "connman" ? { refuse: refuseAsConnman } : {};
  await using bus = await connect({ bus: running.bus, onError, ...refusals });
  await using network = await openNetwork(options, onError);
  await using routing = options.routing ? new LinuxRouting() : undefined;
  await using source = await openPolicies(options, onError);
  const users = new UserCache(new NssUserDatabase());
  await using _ = await serveSessions(bus, {
    network,
    dialect,
    roaming,
    onError,
    ...(routing && { routing }),
    ...(source && { policies: { source, users } }),
    ...(options.polkit && { authorizer: new PolicyKitAuthorizer(bus, { onError }) }),
  });
  running.reportReady(CONNMAN_NAME);
  await running.untilStopped(bus);
}

type OnError = RunningProgram["reportError"];

async function openNetwork({ network, bearers, online }: SessiondOptions, onError: OnError): Promise<Network> {
  if (network === "simulated") return new SimulatedNetwork(SIMULATED, { stepDelayMs: 500 });
  return LinuxNetwork.open({ bearers, ...(online && { online }), onError });
}

async function openPolicies({ policyFolder }: SessiondOptions, onError: OnError): Promise<PolicyDirectory | undefined> {
  if (policyFolder === undefined) return undefined;
  return PolicyDirectory.open(policyFolder, {
    onProblems(path, problems) {
      for (const { line = 1, column = 1, message } of problems) onError(`${path}:${line}:${column}: ${message}`);
    },
  });
}
