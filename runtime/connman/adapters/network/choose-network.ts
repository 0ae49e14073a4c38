import type { Bus } from "@dbus-codegen-ts/runtime";

/** Programs that manage networks: bus name and kind of network. If several run, the first is used. */
const MANAGERS = [
  ["org.freedesktop.NetworkManager", "networkmanager"],
  ["net.connman", "connman"],
  ["org.freedesktop.network1", "networkd"],
] as const;

/** The program that manages the network of this machine; `linux` if only the kernel does. */
export type RunningNetwork = (typeof MANAGERS)[number][1] | "linux";

/**
 * Returns the first network of NetworkManager, ConnMan and systemd-networkd whose program is on the system bus; `linux`
 * if there is no such program. Does not start a program.
 *
 * @param own - Unique name of the connection that serves sessions. If that connection owns `net.connman`, ConnMan does
 * not run.
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
