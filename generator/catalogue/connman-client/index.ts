import { type AnyService, type Bus, serveRegistered } from "@dbus-codegen-ts/runtime";
import type { AgentService } from "./generated/net.connman.Agent.ts";
import type { CounterService } from "./generated/net.connman.Counter.ts";
import { ManagerClient } from "./generated/net.connman.Manager.ts";
import type { AgentService as VpnAgentService } from "./generated/net.connman.vpn.Agent.ts";
import { ManagerClient as VpnManagerClient } from "./generated/net.connman.vpn.Manager.ts";

export { AgentSkeleton, VpnAgentSkeleton } from "./agent.ts";
export {
  type SetProperties,
  setClockProperties,
  setManagerProperties,
  setServiceProperties,
  setTechnologyProperties,
  setVpnProperties,
} from "./properties.ts";

/** Bus name of ConnMan and the object path of its manager and clock, on the system bus. */
export const CONNMAN = { destination: "net.connman", path: "/" } as const;

/** Bus name of ConnMan's VPN service and the object path of its manager, on the system bus. */
export const CONNMAN_VPN = { destination: "net.connman.vpn", path: "/" } as const;

/**
 * Serves an agent and registers it, also after a restart of ConnMan. The agent answers the questions that ConnMan has
 * while this program connects services. Only ConnMan can call the agent.
 *
 * @param path - Object path of the agent.
 * @returns The registration. Disposing of it removes the agent.
 */
export function registerAgent(
  bus: Bus,
  agent: AgentService & AnyService,
  path = "/net/connman/agent",
): Promise<AsyncDisposable> {
  const manager = new ManagerClient(bus, CONNMAN);
  return serveRegistered(bus, path, agent, {
    name: CONNMAN.destination,
    register: () => manager.registerAgent(path),
    unregister: () => manager.unregisterAgent(path),
  });
}

/**
 * Serves an agent and registers it, also after a restart of ConnMan's VPN service. The agent answers the questions that
 * the VPN service has while this program connects VPN connections. Only the VPN service can call the agent.
 *
 * @param path - Object path of the agent.
 * @returns The registration. Disposing of it removes the agent.
 */
export function registerVpnAgent(
  bus: Bus,
  agent: VpnAgentService & AnyService,
  path = "/net/connman/vpn/agent",
): Promise<AsyncDisposable> {
  const manager = new VpnManagerClient(bus, CONNMAN_VPN);
  return serveRegistered(bus, path, agent, {
    name: CONNMAN_VPN.destination,
    register: () => manager.registerAgent(path),
    unregister: () => manager.unregisterAgent(path),
  });
}

/** Options of `registerCounter`: when ConnMan calls the counter. */
export interface CounterOptions {
  /** Kibibytes of traffic between two calls: 1024 by default. */
  readonly accuracyKiB?: number;
  /** Seconds between two calls: 10 by default. */
  readonly periodSeconds?: number;
  /** Object path of the counter: `/net/connman/counter` by default. */
  readonly path?: string;
}

/**
 * Serves a counter and registers it, also after a restart of ConnMan. ConnMan calls the counter with the traffic of
 * services. Only ConnMan can call the counter.
 *
 * @returns The registration. Disposing of it removes the counter.
 */
export function registerCounter(
  bus: Bus,
  counter: CounterService & AnyService,
  { accuracyKiB = 1024, periodSeconds = 10, path = "/net/connman/counter" }: CounterOptions = {},
): Promise<AsyncDisposable> {
  const manager = new ManagerClient(bus, CONNMAN);
  return serveRegistered(bus, path, counter, {
    name: CONNMAN.destination,
    register: () => manager.registerCounter(path, accuracyKiB, periodSeconds),
    unregister: () => manager.unregisterCounter(path),
  });
}
