import type { Bus } from "@dbus-codegen-ts/runtime";

/** Networks by the bus name of the program that manages the network, the first that runs being chosen. */
const MANAGERS = [
  ["org.freedesktop.NetworkManager", "networkmanager"],
  ["net.connman", "connman"],
  ["org.freedesktop.network1", "networkd"],
] as const;

/** A network that manages this machine. */
export type RunningNetwork = (typeof MANAGERS)[number][1] | "linux";

/**
 * Returns the network whose program is on the system bus, and starts none: NetworkManager, then ConnMan, then
 * systemd-networkd, otherwise `linux`.
 *
 * @param own - Unique name of the connection that serves sessions, whose `net.connman` is not ConnMan.
 * @throws DBusError if the bus refuses.
 */
export async function runningNetwork(systemBus: Bus, own?: string): Promise<RunningNetwork> {
  for (const [name, network] of MANAGERS) {
    let owner: string | undefined;
    const subscription = await systemBus.watchName(name, (current) => {
      owner = current;
    });
    await subscription.close();
    if (owner !== undefined && owner !== own) return network;
  }
  return "linux";
}
