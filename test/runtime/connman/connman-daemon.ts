import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { endsWithUs } from "../../reliability/support.ts";
import { type PrivateBus, startPrivateBus } from "../../setup/private-bus.ts";
import { startDhcpServer } from "./dhcp-server.ts";
import { TRANSFER_SERVER } from "./machine.ts";
import { kill, Namespace, whyNoNamespaces } from "./namespaces.ts";
import { TRANSFER_BYTES } from "./programs/transfer-bytes.ts";

const DAEMON = "/usr/sbin/connmand";
/** Cables of the host, with hardware addresses. ConnMan derives the id of a service from the hardware address. */
export const CABLES = {
  a: { interface: "cable-a", mac: "02:00:00:00:0a:01", id: "ethernet_020000000a01_cable", address: "10.0.1.2" },
  b: { interface: "cable-b", mac: "02:00:00:00:0b:01", id: "ethernet_020000000b01_cable", address: "10.0.2.2" },
} as const;

export type Cable = keyof typeof CABLES;

/**
 * Where ConnMan gets the addresses of the cables: from its configuration file, or from a DHCP server of `serveDhcp`.
 */
export type CableAddresses = "static" | "dhcp";

/** Result of a complete transfer over each cable. */
export const COMPLETE = { a: `A ${TRANSFER_BYTES}`, b: `B ${TRANSFER_BYTES}` } as const;

const GATEWAYS = { a: "10.0.1.1", b: "10.0.2.1" } as const;

/** Returns the reason why ConnMan cannot be started; undefined if it can. */
export function whyNoConnman(): string | undefined {
  try {
    accessSync(DAEMON, constants.X_OK);
  } catch {
    return `not installed: ${DAEMON} of the package connman`;
  }
  return whyNoNamespaces();
}

/**
 * A real ConnMan on a private bus, in a network namespace with two cables. Each cable ends in a network with a server.
 * ConnMan has its own folders for state, and a static address for each cable from its configuration file.
 */
export class ConnmanDaemon implements AsyncDisposable {
  readonly bus: PrivateBus;
  readonly host: Namespace;
  readonly #networks: Readonly<Record<Cable, Namespace>>;
  readonly #folder: string;
  #process: ChildProcess | undefined;
  readonly #dhcpServers = new Map<Cable, ChildProcess>();

  /** Creates the namespaces and starts ConnMan. */
  static async start(addresses: CableAddresses = "static"): Promise<ConnmanDaemon> {
    const daemon = await ConnmanDaemon.prepare(addresses);
    await daemon.launch();
    return daemon;
  }

  /** Creates the namespaces. `launch` starts ConnMan. */
  static async prepare(addresses: CableAddresses = "static"): Promise<ConnmanDaemon> {
    const prefix = `dct-cm-${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
    const folder = await mkdtemp(join(tmpdir(), "connman-"));
    const daemon = new ConnmanDaemon(await startPrivateBus(), prefix, folder);
    try {
      await daemon.#wire(addresses);
    } catch (error) {
      await daemon[Symbol.asyncDispose]();
      throw error;
    }
    return daemon;
  }

  private constructor(bus: PrivateBus, prefix: string, folder: string) {
    this.bus = bus;
    this.#folder = folder;
    this.host = new Namespace(`${prefix}-host`);
    this.#networks = { a: new Namespace(`${prefix}-a`), b: new Namespace(`${prefix}-b`) };
  }

  /** Process id of ConnMan. Throws Error if it is not running. */
  get pid(): number {
    if (this.#process?.pid === undefined) throw new Error("ConnMan is not running");
    return this.#process.pid;
  }

  /** Starts ConnMan with the state of the last run. */
  async launch(): Promise<void> {
    const script = [
      "mount --bind $FOLDER/lib /var/lib/connman",
      "mount -t tmpfs tmpfs /run",
      "mkdir /run/connman",
      // With systemd-resolved, /etc/resolv.conf is a link to a file in /run.
      "RESOLV_CONF=$(readlink -m /etc/resolv.conf)",
      'mkdir -p "$(dirname $RESOLV_CONF)"',
      "{ test -e $RESOLV_CONF || touch $RESOLV_CONF; }",
      "mount --bind $FOLDER/resolv.conf $RESOLV_CONF",
      `exec ${DAEMON} -n --nodnsproxy --nobacktrace -c $FOLDER/main.conf`,
    ].join(" && ");
    const isolate = ["unshare", "--mount", "--uts", "--propagation", "private", "sh", "-c", script];
    const env = { ...process.env, FOLDER: this.#folder, DBUS_SYSTEM_BUS_ADDRESS: this.bus.address };
    this.#process = endsWithUs(spawn("ip", ["netns", "exec", this.host.name, ...isolate], { env, stdio: "ignore" }));
  }

  /** Kills ConnMan, which cannot clean up. */
  async crash(): Promise<void> {
    if (this.#process !== undefined) await kill(this.#process);
  }

  /** Plugs a cable in or out. */
  async plug(cable: Cable, isIn: boolean): Promise<void> {
    await this.#networks[cable].ip("link", "set", "eth0", isIn ? "up" : "down");
  }

  /**
   * Receives 8 MiB over TCP from the server, with the address of a cable as source. Returns a value of `COMPLETE` after
   * a complete transfer, or an error code.
   */
  async transfer(cable: Cable): Promise<string> {
    const { address, port } = TRANSFER_SERVER;
    const child = this.host.start("transfer-client.ts", address, `${port}`, CABLES[cable].address);
    return child.stdout === null ? "" : text(child.stdout);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.crash();
    for (const server of this.#dhcpServers.values()) await kill(server);
    const namespaces = [this.host, ...Object.values(this.#networks)];
    await Promise.allSettled([this.bus.stop(), ...namespaces.map((namespace) => namespace.remove())]);
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Starts a DHCP server with one address in the network of a cable. Ends the previous one. */
  async serveDhcp(cable: Cable, address: string): Promise<void> {
    const previous = this.#dhcpServers.get(cable);
    if (previous !== undefined) await kill(previous);
    const leases = join(this.#folder, `${cable}.leases`);
    const server = await startDhcpServer(this.#networks[cable], {
      interface: "eth0",
      address,
      router: GATEWAYS[cable],
      leases,
    });
    this.#dhcpServers.set(cable, server);
  }

  async #wire(addresses: CableAddresses): Promise<void> {
    await mkdir(join(this.#folder, "lib"));
    await mkdir("/var/lib/connman", { recursive: true });
    await writeFile(join(this.#folder, "resolv.conf"), "");
    await writeFile(join(this.#folder, "main.conf"), "[General]\nEnableOnlineCheck = false\n");
    const sections = (["a", "b"] as const).map((cable) => {
      const { mac, address } = CABLES[cable];
      const ipv4 = `${address}/255.255.255.0/${GATEWAYS[cable]}`;
      return `[service_${cable}]\nType = ethernet\nMAC = ${mac}\nIPv4 = ${ipv4}\nIPv6 = off\nNameservers = ${GATEWAYS[cable]}\n`;
    });
    if (addresses === "static") await writeFile(join(this.#folder, "lib", "test.config"), sections.join("\n"));
    await this.host.add();
    for (const cable of ["a", "b"] as const) {
      const network = this.#networks[cable];
      const { interface: name, mac } = CABLES[cable];
      await network.add();
      await this.host.ip(
        ...["link", "add", name, "address", mac, "type", "veth", "peer", "name", "eth0", "netns", network.name],
      );
      await network.ip("address", "add", TRANSFER_SERVER.address, "dev", "lo");
      await network.ip("address", "add", `${GATEWAYS[cable]}/24`, "dev", "eth0");
      await network.ip("link", "set", "eth0", "up");
      const { address, port, httpPort } = TRANSFER_SERVER;
      const server = network.start("transfer-server.ts", cable.toUpperCase(), address, `${port}`, `${httpPort}`);
      if (server.stdout !== null) await once(server.stdout, "data");
    }
  }
}
