import type { ChildProcess } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { firstOutput, ip, run, start, stop, until } from "./shell.ts";

/** A network to which the machine is connected by radio or by cable, in a namespace. */
interface OtherSide {
  readonly namespace: string;
  /** Letter that the server of this network sends; it shows which network a transfer used. */
  readonly letter: string;
  readonly gateway: string;
}

/** Networks, each with a server at the address `SERVER`. */
export const NETWORKS = {
  home: { namespace: "home", letter: "H", gateway: "10.1.1.1" },
  guest: { namespace: "guest", letter: "G", gateway: "10.1.3.1" },
  office: { namespace: "office", letter: "O", gateway: "10.1.2.1" },
} as const satisfies Readonly<Record<string, OtherSide>>;

export type NetworkName = keyof typeof NETWORKS;

export const SERVER = { address: "198.51.100.1", port: 4000, httpPort: 4080 } as const;

/** SSID and password of the wireless networks. */
export const HOME = { ssid: "Home", password: "correct horse" } as const;
export const GUEST = { ssid: "Gäste", password: "battery staple" } as const;

/** The radio of the machine. */
export const RADIO = "wlan0";
/** The cable of the machine. */
export const CABLE = { interface: "wired0", address: "10.1.2.2", gateway: NETWORKS.office.gateway } as const;

/** Access points by name. The first two belong to one network. */
export const ACCESS_POINTS = {
  "home-1": { interface: "wlan1", channel: 1, ...HOME, bssid: "02:00:00:00:01:00" },
  "home-2": { interface: "wlan2", channel: 6, ...HOME, bssid: "02:00:00:00:02:00" },
  guest: { interface: "wlan3", channel: 11, ...GUEST, bssid: "02:00:00:00:03:00" },
} as const;
export type AccessPointName = keyof typeof ACCESS_POINTS;

const FOLDER = "/run/air";
/** Bridge of the two access points of the home network. */
const BRIDGE = "bridge0";

/** Virtual radios and a virtual cable of the machine, with the networks at their other ends. */
export class Air {
  readonly #stations = new Map<AccessPointName, ChildProcess>();
  readonly #servers = new Map<NetworkName, ChildProcess>();

  /** Creates radios, cable, networks and servers. No access point is on the air, and the cable is plugged in. */
  static async create(): Promise<Air> {
    await mkdir(FOLDER, { recursive: true });
    await run("modprobe", "mac80211_hwsim", "radios=4");
    for (const { namespace } of Object.values(NETWORKS)) await ip("netns", "add", namespace);
    const { home, guest, office } = NETWORKS;
    for (const [radio, { namespace }] of [
      [1, home],
      [2, home],
      [3, guest],
    ] as const) {
      await run("iw", "phy", `phy${radio}`, "set", "netns", "name", namespace);
    }
    await ip("-n", home.namespace, "link", "add", BRIDGE, "type", "bridge");
    await ip("link", "add", CABLE.interface, "type", "veth", "peer", "name", "eth0", "netns", office.namespace);
    const air = new Air();
    for (const [name, device] of [
      ["home", BRIDGE],
      ["guest", ACCESS_POINTS.guest.interface],
      ["office", "eth0"],
    ] as const) {
      await connectNetwork(NETWORKS[name], device);
      air.#servers.set(name, await startServer(NETWORKS[name]));
    }
    return air;
  }

  /** Puts a captive portal between a network and the Internet, or removes it. */
  setPortal(name: NetworkName, isPortal: boolean): void {
    setPortal(this.#servers.get(name), isPortal);
  }

  /** Switches an access point on. */
  async switchOn(name: AccessPointName): Promise<void> {
    if (this.#stations.has(name)) return;
    const { interface: device, ssid, password, channel } = ACCESS_POINTS[name];
    const file = `${FOLDER}/${name}.conf`;
    const lines = [
      ...[`interface=${device}`, "driver=nl80211", "hw_mode=g", `channel=${channel}`, `ssid2=${hex(ssid)}`],
      ...["utf8_ssid=1", "wpa=2", "wpa_key_mgmt=WPA-PSK", "rsn_pairwise=CCMP", `wpa_passphrase=${password}`],
      ...(name === "guest" ? [] : [`bridge=${BRIDGE}`]),
    ];
    await writeFile(file, `${lines.join("\n")}\n`);
    const { namespace } = name === "guest" ? NETWORKS.guest : NETWORKS.home;
    const station = start("ip", "netns", "exec", namespace, "hostapd", file);
    this.#stations.set(name, station);
    let output = "";
    station.stdout?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    await until(`${name} is on the air`, () => {
      if (station.exitCode !== null) throw new Error(output);
      return output.includes("AP-ENABLED");
    });
  }

  /** Switches an access point off. */
  async switchOff(name: AccessPointName): Promise<void> {
    await stop(this.#stations.get(name));
    this.#stations.delete(name);
  }

  /** Plugs the cable in or out. */
  async plug(isIn: boolean): Promise<void> {
    await ip("-n", NETWORKS.office.namespace, "link", "set", "eth0", isIn ? "up" : "down");
  }
}

/** Returns the hardware address of the access point that the radio of the machine uses; undefined without one. */
export async function currentAccessPoint(): Promise<string | undefined> {
  // While the radio changes the access point, `iw` fails.
  const link = await run("iw", "dev", RADIO, "link").catch(() => "");
  return /^Connected to (\S+)/.exec(link)?.[1];
}

/** Receives a transfer, optionally from an address of the machine. Returns the letter of the server and the number of bytes. */
export async function transfer(from = ""): Promise<string> {
  return await run("/checks/node", "/checks/transfer-client.mjs", SERVER.address, `${SERVER.port}`, from);
}

/** Gives a network its addresses and a DHCP server. */
async function connectNetwork({ namespace, gateway }: OtherSide, device: string): Promise<void> {
  await ip("-n", namespace, "link", "set", "lo", "up");
  await ip("-n", namespace, "address", "add", SERVER.address, "dev", "lo");
  await ip("-n", namespace, "address", "add", `${gateway}/24`, "dev", device);
  await ip("-n", namespace, "link", "set", device, "up");
  const subnet = gateway.replace(/\d+$/, "");
  start(
    "ip",
    ...["netns", "exec", namespace, "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--port=0"],
    ...["--bind-dynamic", `--interface=${device}`, `--dhcp-range=${subnet}50,${subnet}99,1h`],
    ...[`--dhcp-leasefile=${FOLDER}/${namespace}`, `--pid-file=${FOLDER}/${namespace}.pid`, "--user=root"],
  );
}

/** Starts the server of a namespace at the address `SERVER`. */
export async function startServer({
  namespace,
  letter,
}: Pick<OtherSide, "namespace" | "letter">): Promise<ChildProcess> {
  const { address, port, httpPort } = SERVER;
  const program = ["/checks/node", "/checks/transfer-server.mjs", letter, address, `${port}`, `${httpPort}`];
  const server = start("ip", "netns", "exec", namespace, ...program);
  await firstOutput(server);
  return server;
}

/** Makes a server respond to online checks as a captive portal does, or as the Internet. */
export function setPortal(server: ChildProcess | undefined, isPortal: boolean): void {
  server?.stdin?.write(isPortal ? "portal\n" : "internet\n");
}

function hex(text: string): string {
  return Buffer.from(text).toString("hex");
}
