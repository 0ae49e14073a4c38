import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type Bus, connect } from "@dbus-codegen-ts/runtime";
import type { RunningNetwork } from "./adapters/network/choose-network.ts";
import type { InterfaceBearers } from "./adapters/network/linux/link-services.ts";
import type { OnlineCheck } from "./adapters/network/linux/online-check.ts";
import type { Network } from "./adapters/network/network.ts";

// Only the module of the opened network is imported, because loading modules takes most of the time of a start.

/** The values of the flag `--network`. */
export const NETWORK_NAMES = ["simulated", "auto", "networkmanager", "connman", "networkd", "linux"] as const;
export type NetworkName = (typeof NETWORK_NAMES)[number];

export interface OpenNetworkOptions {
  /** Bearers by interface name. Used by the networks `linux` and `networkd`. */
  readonly bearers: InterfaceBearers;
  /** When a ready service is online; undefined: never. Used by the networks `linux` and `networkd`. */
  readonly online: OnlineCheck | "assume" | undefined;
  /** Whether a session's Connect brings up interfaces that are switched off. Used by the network `linux`. */
  readonly switchInterfaces: boolean;
  /** Folder that stores settings of users; undefined: they are not stored. Used by the network `linux`. */
  readonly stateFolder: string | undefined;
  /** The bus of ConnMan, in the format that `connect` accepts. Used by the network `connman`. */
  readonly networkBus: string;
  /** The connection to the bus on which sessions are served. */
  readonly ownBus: Bus;
  readonly onError: (error: unknown) => void;
}

/** An open network with its connection to a bus, if it uses one. Disposal closes both. */
export interface OpenNetwork extends AsyncDisposable {
  readonly network: Network;
  /** The kind of network. If `auto` was requested, the kind that was chosen. */
  readonly name: Exclude<NetworkName, "auto">;
}

const BUS_DAEMON = {
  destination: "org.freedesktop.DBus",
  path: "/org/freedesktop/DBus",
  interface: "org.freedesktop.DBus",
} as const;

/** Services of the simulated network: a cable that is online, and a wireless network that can be brought up. */
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

/**
 * Opens a network. With `auto`, opens the network of the program that is on the system bus; `linux` if there is no such
 * program.
 *
 * @throws Error if the network or its bus cannot be used, or if ConnMan is on the bus on which sessions are served.
 */
export async function openNetwork(name: NetworkName, options: OpenNetworkOptions): Promise<OpenNetwork> {
  if (name === "simulated") {
    const { SimulatedNetwork } = await import("./adapters/network/simulated-network.ts");
    const network = new SimulatedNetwork(SIMULATED_SERVICES, { stepDelayMs: 500 });
    return { name, network, [Symbol.asyncDispose]: () => network.close() };
  }
  const bus = name === "linux" ? undefined : await busOf(name, options);
  try {
    const chosen = name === "auto" ? await automaticNetwork(bus, options.ownBus) : name;
    const network = await openOn(bus, chosen, options);
    const close = async (): Promise<void> => {
      await network.close();
      await bus?.close();
    };
    return { name: chosen, network, [Symbol.asyncDispose]: close };
  } catch (error) {
    await bus?.close();
    throw error;
  }
}

async function openOn(
  bus: Bus | undefined,
  name: RunningNetwork,
  { bearers, online, switchInterfaces, stateFolder, ownBus, onError }: OpenNetworkOptions,
): Promise<Network> {
  const check = online === undefined ? {} : { online };
  if (name === "connman" && bus !== undefined) return openConnman(bus, ownBus, onError);
  if (name === "networkmanager" && bus !== undefined) {
    const { NetworkManagerNetwork } = await import("./adapters/network/networkmanager/networkmanager-network.ts");
    return NetworkManagerNetwork.open(bus, { onError });
  }
  if (name === "networkd" && bus !== undefined) {
    const { NetworkdNetwork } = await import("./adapters/network/networkd/networkd-network.ts");
    return NetworkdNetwork.open(bus, { bearers, ...check, onError });
  }
  const { LinuxNetwork } = await import("./adapters/network/linux/linux-network.ts");
  const memory = stateFolder === undefined ? {} : { settingsFile: join(stateFolder, "linux-network.json") };
  return LinuxNetwork.open({ bearers, ...check, switchInterfaces, ...memory, onError });
}

/**
 * Opens the network that ConnMan manages. Throws Error if ConnMan is on the bus on which sessions are served, because
 * both programs own the name `net.connman`.
 */
async function openConnman(bus: Bus, ownBus: Bus, onError: OpenNetworkOptions["onError"]): Promise<Network> {
  const [id, ownId] = await Promise.all([bus, ownBus].map((each) => each.call({ ...BUS_DAEMON, member: "GetId" })));
  if (!isDeepStrictEqual(id, ownId)) {
    const { ConnmanNetwork } = await import("./adapters/network/connman/connman-network.ts");
    return ConnmanNetwork.open(bus, { onError });
  }
  throw new Error(
    "ConnMan and the session service both own net.connman, so their buses must be different (--network-bus)",
  );
}

/** Connects to the bus of a network. With `auto`, returns undefined if the machine has no system bus. */
async function busOf(name: NetworkName, { networkBus, onError }: OpenNetworkOptions): Promise<Bus | undefined> {
  try {
    return await connect({ bus: name === "connman" ? networkBus : "system", reconnect: true, onError });
  } catch (error) {
    if (name === "auto") return undefined;
    throw error;
  }
}

async function automaticNetwork(bus: Bus | undefined, ownBus: Bus): Promise<RunningNetwork> {
  if (bus === undefined) return "linux";
  const { runningNetwork } = await import("./adapters/network/choose-network.ts");
  return runningNetwork(bus, ownBus.uniqueName);
}
