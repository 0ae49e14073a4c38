import { type AnyService, type Bus, serveRegistered } from "@dbus-codegen-ts/runtime";
import type { Agent1Service } from "./generated/org.bluez.Agent1.ts";
import { type AgentCapability, AgentManager1Client } from "./generated/org.bluez.AgentManager1.ts";

export { AgentSkeleton } from "./agent.ts";

/** Bus name of BlueZ and the object path where agents and profiles are registered. */
export const BLUEZ = { destination: "org.bluez", path: "/org/bluez" } as const;

/** Options of `registerAgent`. */
export interface AgentOptions {
  /** What the agent can display and what the user can enter. It decides how devices are paired. */
  readonly capability: AgentCapability;
  /** Whether BlueZ also calls the agent for programs that have none: false by default. */
  readonly isDefault?: boolean;
  /** Object path of the agent: `/org/bluez/agent` by default. */
  readonly path?: string;
}

/**
 * Serves an agent and registers it, also after BlueZ restarts. While devices pair, BlueZ requests PINs and
 * confirmations from the agent. Only BlueZ can call it.
 *
 * @returns The registration. Disposing of it removes the agent.
 */
export function registerAgent(
  bus: Bus,
  agent: Agent1Service & AnyService,
  { capability, isDefault = false, path = "/org/bluez/agent" }: AgentOptions,
): Promise<AsyncDisposable> {
  const manager = new AgentManager1Client(bus, BLUEZ);
  return serveRegistered(bus, path, agent, {
    name: BLUEZ.destination,
    async register() {
      await manager.registerAgent(path, capability);
      if (isDefault) await manager.requestDefaultAgent(path);
    },
    unregister: () => manager.unregisterAgent(path),
  });
}
