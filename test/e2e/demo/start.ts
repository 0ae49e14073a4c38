// Shows sessions, and two users who write to each other. Usage: npm start [-- simulated]

import {
  type NetworkManagerMachine,
  startNetworkManagerMachine,
  whyNoNetworkManager,
} from "../../runtime/connman/network-manager-machine.ts";
import { startPrivateBus } from "../../setup/private-bus.ts";
import { showConnection } from "./connection.ts";
import { showNetworkManagerSessions } from "./networkmanager-sessions.ts";
import { say } from "./say.ts";
import { showSimulatedSessions } from "./simulated-sessions.ts";

await using daemon = await startPrivateBus();
if (process.argv[2] === "simulated") await showSimulatedSessions(daemon.address);
else await showSessions(daemon.address);
await showConnection(daemon.address);

/** Shows sessions in front of NetworkManager, or the reason why that is not possible and a simulated network. */
async function showSessions(address: string): Promise<void> {
  const machine = await openMachine();
  if (typeof machine === "string") {
    say("network", `simulated, because NetworkManager cannot run here: ${machine}`);
    await showSimulatedSessions(address);
    return;
  }
  try {
    await showNetworkManagerSessions(machine);
  } finally {
    await machine[Symbol.asyncDispose]();
  }
}

/** Starts a machine with NetworkManager. Returns the reason if that is not possible. */
async function openMachine(): Promise<NetworkManagerMachine | string> {
  const missing = whyNoNetworkManager();
  if (missing !== undefined) return missing;
  try {
    return await startNetworkManagerMachine();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
