import type { ChildProcess } from "node:child_process";
import { CABLE, NETWORKS, SERVER, startServer } from "./air.ts";
import { ip, run, start, stop, until } from "./shell.ts";

/** A connection from point to point to a namespace that contains a server. */
export interface Tunnel {
  /** The interface in the machine. */
  readonly interface: string;
  readonly address: string;
  /** The address of the other end. */
  readonly peer: string;
  readonly namespace: string;
  /** Letter that the server of the namespace sends. */
  readonly letter: string;
}

export const WIREGUARD = {
  ...{ interface: "wg0", address: "10.9.0.2", peer: "10.9.0.1", namespace: "vpn", letter: "V" },
} as const satisfies Tunnel;
export const PPP = {
  ...{ interface: "ppp0", address: "10.8.0.2", peer: "10.8.0.1", namespace: "provider", letter: "P" },
} as const satisfies Tunnel;

const PORT = 51820;

/** Configures the cable of the machine without a daemon. */
export async function configureCable(): Promise<void> {
  await ip("address", "replace", `${CABLE.address}/24`, "dev", CABLE.interface);
  await ip("link", "set", CABLE.interface, "up");
  await ip("route", "replace", "default", "via", CABLE.gateway, "dev", CABLE.interface, "metric", "100");
}

/** The other end of a WireGuard tunnel: a namespace that the machine reaches over its cable. */
export interface WireguardPeer {
  readonly server: ChildProcess;
  /** File with the private key of the machine. */
  readonly keyFile: string;
  /** Public key of the other end. */
  readonly publicKey: string;
  /** Address and port of the other end outside of the tunnel. */
  readonly endpoint: string;
}

/** Creates the other end of the tunnel. */
export async function createWireguardPeer(): Promise<WireguardPeer> {
  const { namespace, address, peer } = WIREGUARD;
  const { office } = NETWORKS;
  await ip("netns", "add", namespace);
  // The socket of a WireGuard interface remains in the namespace in which it was created.
  await ip("-n", office.namespace, "link", "add", "wg1", "type", "wireguard");
  await ip("-n", office.namespace, "link", "set", "wg1", "netns", namespace);
  const own = await keyPair("own");
  const other = await keyPair("other");
  const toOwn = ["peer", own.publicKey, "allowed-ips", `${address}/32`];
  const port = ["listen-port", `${PORT}`];
  await ip("netns", "exec", namespace, "wg", "set", "wg1", "private-key", other.file, ...port, ...toOwn);
  await ip("-n", namespace, "address", "add", `${peer}/24`, "dev", "wg1");
  await ip("-n", namespace, "link", "set", "wg1", "up");
  const endpoint = `${office.gateway}:${PORT}`;
  return { server: await startServerBehind(WIREGUARD), keyFile: own.file, publicKey: other.publicKey, endpoint };
}

/** Removes the other end of the tunnel. */
export async function removeWireguardPeer({ server }: WireguardPeer): Promise<void> {
  await stop(server);
  await ip("netns", "del", WIREGUARD.namespace);
}

/** Creates the interface of the machine for a tunnel. */
export async function createWireguard({ keyFile, publicKey, endpoint }: WireguardPeer): Promise<void> {
  const { interface: name, address } = WIREGUARD;
  await ip("link", "add", name, "type", "wireguard");
  const toOther = ["peer", publicKey, "allowed-ips", "0.0.0.0/0", "endpoint", endpoint];
  await run("wg", "set", name, "private-key", keyFile, ...toOther);
  await ip("address", "add", `${address}/24`, "dev", name);
  await ip("link", "set", name, "up");
}

/** A PPP connection between two daemons, without default route. `open` dials. */
export class PppLink implements AsyncDisposable {
  readonly #daemon: ChildProcess;
  readonly #server: ChildProcess;

  static async open(): Promise<PppLink> {
    const { address, peer, namespace, interface: name } = PPP;
    for (const module of ["ppp_generic", "ppp_async"]) await run("modprobe", module);
    await ip("netns", "add", namespace);
    const shared = "nodetach noauth local nodefaultroute nopersist";
    const other = `ip netns exec ${namespace} pppd notty ${shared} ${peer}:${address}`;
    const daemon = start("pppd", "pty", other, "ifname", name, ...shared.split(" "), `${address}:${peer}`);
    daemon.stdout?.resume();
    await until("the PPP connection has addresses", async () =>
      (await ip("-4", "address", "show")).includes(`inet ${address} peer ${peer}`),
    );
    return new PppLink(daemon, await startServerBehind(PPP));
  }

  private constructor(daemon: ChildProcess, server: ChildProcess) {
    this.#daemon = daemon;
    this.#server = server;
  }

  /** Hangs up. The interface disappears. */
  async [Symbol.asyncDispose](): Promise<void> {
    await stop(this.#daemon);
    await stop(this.#server);
    await ip("netns", "del", PPP.namespace);
  }
}

async function startServerBehind(tunnel: Tunnel): Promise<ChildProcess> {
  const { namespace } = tunnel;
  await ip("-n", namespace, "address", "add", SERVER.address, "dev", "lo");
  await ip("-n", namespace, "link", "set", "lo", "up");
  return startServer(tunnel);
}

async function keyPair(name: string): Promise<{ readonly file: string; readonly publicKey: string }> {
  const file = `/run/wireguard-${name}`;
  const publicKey = await run("sh", "-c", `umask 077; wg genkey > ${file}; wg pubkey < ${file}`);
  return { file, publicKey };
}
