import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { mkdir, readFile, rmdir } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { programArguments } from "../../setup/program.ts";
import { Clients } from "./clients.ts";
import { Shell } from "./shell.ts";

/** Address of the server, which is equal in all networks. The server sends the name of its network. */
export const SERVER = { ipv4: "198.51.100.1", ipv6: "2001:db8:f::1", port: 4000, httpPort: 80 } as const;

export type Side = "a" | "b";

/** Interfaces of the host in each network. */
export const LINKS = {
  a: { interface: "wan-a", mac: "02:00:00:00:00:0a", ipv4: "10.0.1.2", ipv6: "2001:db8:a::2", metric: 100 },
  b: { interface: "wan-b", mac: "02:00:00:00:00:0b", ipv4: "10.0.2.2", ipv6: "2001:db8:b::2", metric: 200 },
} as const;

const GATEWAYS = {
  a: { ipv4: "10.0.1.1", ipv6: "2001:db8:a::1" },
  b: { ipv4: "10.0.2.1", ipv6: "2001:db8:b::1" },
} as const;

/** Addresses of a tunnel between the host and network B: the address of the host, and the address of the other side. */
export const TUNNEL = { interface: "tun0", ipv4: "10.9.0.2", peer: "10.9.0.1" } as const;

const TUNNEL_PROGRAM = fileURLToPath(new URL("programs/tunnel.py", import.meta.url));

const run = promisify(execFile);

const existing = new Set<string>();
process.on("exit", () => {
  for (const name of existing) spawnSync("ip", ["netns", "delete", name]);
});

/** Returns the reason why the networks cannot be created; undefined if they can. */
export function whyNoNamespaces(): string | undefined {
  if (process.getuid?.() !== 0) return "network namespaces need root";
  const missing = ["ip", "nft"].filter((command) => !isInstalled(command));
  return missing.length === 0 ? undefined : `not installed: ${missing.join(", ")}`;
}

function isInstalled(command: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Control groups for tests, which are removed at disposal. */
export interface TestCgroups extends AsyncDisposable {
  /** Path of the control group that contains the control groups of the tests. */
  readonly path: string;
  /** Creates a group. Returns its folder. */
  add(name: string): Promise<string>;
}

/** Creates a control group for tests. Returns the reason as text if the system does not allow it. */
export async function createCgroups(): Promise<TestCgroups | string> {
  const mounts = (await readFile("/proc/self/mounts", "utf8")).split("\n").map((line) => line.split(" "));
  const root = mounts.find(([, , type]) => type === "cgroup2")?.[1];
  if (root === undefined) return "no cgroup v2";
  const path = `dct-${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
  const folders = [join(root, path)];
  try {
    await mkdir(join(root, path));
  } catch (error) {
    return `no control group can be created: ${error}`;
  }
  return {
    path,
    add: async (name) => {
      const folder = join(root, path, name);
      await mkdir(folder);
      folders.push(folder);
      return folder;
    },
    [Symbol.asyncDispose]: async () => {
      for (const folder of folders.reverse()) await removeGroup(folder);
    },
  };
}

/** Removes a control group after its last process has ended. Its folder contains only files of the kernel. */
async function removeGroup(folder: string): Promise<void> {
  for (let attempt = 0; attempt < 1000; attempt++) {
    const isRemoved = await rmdir(folder).then(
      () => true,
      () => false,
    );
    if (isRemoved) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${folder} has processes: ${await readFile(join(folder, "cgroup.procs"), "utf8")}`);
}

/** A network namespace, which is removed at the end of this process at the latest. */
export class Namespace {
  readonly name: string;
  readonly #children = new Set<ChildProcess>();
  #shell: Shell | undefined;

  constructor(name: string) {
    this.name = name;
  }

  async add(): Promise<void> {
    existing.add(this.name);
    await run("ip", ["netns", "add", this.name]);
    await this.ip("link", "set", "lo", "up");
  }

  /** Runs `ip` in the namespace after the previous commands have ended. Returns its output. */
  ip(...args: readonly string[]): Promise<string> {
    return this.run("ip", ...args);
  }

  /** Runs several commands of `ip` in one process. Returns their output. */
  ipBatch(...lines: readonly string[]): Promise<string> {
    return this.#openShell().run(["ip", "-batch", "-"], lines.join("\n"));
  }

  /** Runs a command in the namespace after the previous commands have ended. Returns its output. */
  run(...command: readonly string[]): Promise<string> {
    return this.#openShell().run(command);
  }

  /** Starts a program of `programs/` in the namespace. The program is killed with the namespace. */
  start(program: string, ...args: readonly string[]): ChildProcess {
    return this.startIn(undefined, program, ...args);
  }

  /**
   * Starts a program in a control group, which is given by its folder. The program sees control groups in
   * `/sys/fs/cgroup`.
   */
  startIn(cgroup: string | undefined, program: string, ...args: readonly string[]): ChildProcess {
    const command = ["ip", "netns", "exec", this.name];
    const mounted = ["sh", "-c", 'mount -t cgroup2 none /sys/fs/cgroup && exec "$0" "$@"'];
    const entered = ["sh", "-c", 'echo $$ >"$0/cgroup.procs" && exec "$@"', cgroup ?? ""];
    return this.#spawn(cgroup === undefined ? command : [...entered, ...command, ...mounted], program, args);
  }

  /** Starts a program that sees the same files as this process, such as control groups. */
  startWithFiles(program: string, ...args: readonly string[]): ChildProcess {
    return this.#spawn(["nsenter", `--net=/run/netns/${this.name}`], program, args);
  }

  #spawn(prefix: readonly string[], program: string, args: readonly string[]): ChildProcess {
    const path = fileURLToPath(new URL(`programs/${program}`, import.meta.url));
    const [command = "", ...rest] = [...prefix, process.execPath, ...programArguments(path), ...args];
    const child = spawn(command, rest, { stdio: ["pipe", "pipe", "inherit"] });
    this.#children.add(child);
    child.once("close", () => this.#children.delete(child));
    return child;
  }

  #openShell(): Shell {
    this.#shell ??= new Shell("ip", "netns", "exec", this.name);
    return this.#shell;
  }

  async remove(): Promise<void> {
    await Promise.all([...[...this.#children].map(kill), this.#shell?.close()]);
    await run("ip", ["netns", "delete", this.name]);
    existing.delete(this.name);
  }
}

/** Kills a process, and waits for its end. */
export async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "close");
}

/**
 * A host with links to networks A and B. Its preferred default route leads over A. Each network has a server, and both
 * servers have the same address. A server sends the name of its network and the address of the client.
 */
export interface Networks extends AsyncDisposable {
  readonly host: Namespace;
  /** Plugs a cable in or out. Resolves after the host has detected the change. */
  plug(side: Side, isIn: boolean): Promise<void>;
  /**
   * Switches an interface of the host off, or on with its addresses and routes. Resolves after the host has detected
   * the change.
   */
  turn(side: Side, isOn: boolean): Promise<void>;
  /**
   * Connects the host and network B by a point-to-point link, as WireGuard and PPP do: `tun0` with the address
   * `TUNNEL.ipv4`, without hardware address, gateway and routes. Requires python3.
   */
  tunnel(): Promise<AsyncDisposable>;
  /**
   * Connects from the host to the server. `options` can state a user, a group and a source address.
   *
   * @returns The text of the server, such as `A sees 10.0.1.2`, or an error code.
   */
  greet(options?: GreetOptions): Promise<string>;
  /** Clients that connect to the servers as different users of the host. */
  readonly clients: Clients;
}

export interface GreetOptions {
  /** Folder of the control group of the client. */
  readonly cgroup?: string;
  readonly to?: string;
  readonly from?: string;
  readonly uid?: number;
  readonly gid?: number;
  /**
   * Number of attempts without a reply within 2 seconds after which the result is `timeout`. Default: 10, for busy
   * machines.
   */
  readonly tries?: number;
}

/** Creates the networks, and waits until connections over them are possible. */
export async function startNetworks(): Promise<Networks> {
  const prefix = `dct-${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
  const host = new Namespace(`${prefix}-host`);
  const sides = { a: new Namespace(`${prefix}-a`), b: new Namespace(`${prefix}-b`) };
  const all = [host, sides.a, sides.b];
  const remove = async (): Promise<void> => {
    await Promise.allSettled(all.map((namespace) => namespace.remove()));
  };
  try {
    for (const namespace of all) await namespace.add();
    await Promise.all([wire(host, sides.a, "a"), wire(host, sides.b, "b")]);
    await Promise.all([serve(sides.a, "A"), serve(sides.b, "B")]);
  } catch (error) {
    await remove();
    throw error;
  }
  const clients = new Clients(host, SERVER.port);
  return {
    host,
    plug: async (side, isIn) => {
      await sides[side].ipBatch(...(isIn ? configuration(side) : ["link set eth0 down"]));
      await carrier(host, LINKS[side].interface, isIn);
    },
    turn: (side, isOn) => (isOn ? switchOn(host, side) : switchOff(host, side)),
    tunnel: () => openTunnel(host, sides.b),
    async greet({ to = SERVER.ipv4, from = "", tries = 10, ...owner } = {}) {
      for (let count = 1; ; count++) {
        const text = await clients.greet(to, from, { uid: 0, gid: 0, ...owner });
        if (text !== "timeout" || count === tries) return text;
      }
    },
    clients,
    [Symbol.asyncDispose]: remove,
  };
}

async function wire(host: Namespace, network: Namespace, side: Side): Promise<void> {
  const { interface: name, mac } = LINKS[side];
  await host.ip("link", "add", name, "address", mac, "type", "veth", "peer", "name", "eth0", "netns", network.name);
  await network.ipBatch(
    `address add ${SERVER.ipv4} dev lo`,
    `address add ${SERVER.ipv6} dev lo nodad`,
    ...configuration(side),
  );
  await switchOn(host, side);
}

async function switchOn(host: Namespace, side: Side): Promise<void> {
  const { interface: name, ipv4, ipv6, metric } = LINKS[side];
  await host.ip("link", "set", name, "up");
  await carrier(host, name, true);
  await host.ipBatch(
    `address replace ${ipv4}/24 dev ${name}`,
    `address replace ${ipv6}/64 dev ${name} nodad`,
    `route add default via ${GATEWAYS[side].ipv4} metric ${metric}`,
    `route add ::/0 via ${GATEWAYS[side].ipv6} metric ${metric}`,
  );
}

async function switchOff(host: Namespace, side: Side): Promise<void> {
  await host.ip("link", "set", LINKS[side].interface, "down");
  await carrier(host, LINKS[side].interface, false);
}

/**
 * Returns the commands that switch an interface on and add its addresses. Linux removes IPv6 addresses when an
 * interface is switched off.
 */
function configuration(side: Side): readonly string[] {
  const { ipv4, ipv6 } = GATEWAYS[side];
  return ["link set eth0 up", `address replace ${ipv4}/24 dev eth0`, `address replace ${ipv6}/64 dev eth0 nodad`];
}

/** Waits until an interface has, or does not have, a carrier. Linux reports the change up to a second late. */
async function carrier(host: Namespace, name: string, expected: boolean): Promise<void> {
  for (let attempt = 0; attempt < 1000; attempt++) {
    const isUp = (await host.ip("link", "show", "dev", name)).includes("state UP");
    if (isUp === expected) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${name} has ${expected ? "no" : "a"} carrier`);
}

async function serve(network: Namespace, name: string): Promise<void> {
  const server = network.start(
    "greeting-server.ts",
    name,
    SERVER.ipv4,
    SERVER.ipv6,
    `${SERVER.port}`,
    `${SERVER.httpPort}`,
  );
  if (server.stdout !== null) await once(server.stdout, "data");
}

async function openTunnel(host: Namespace, network: Namespace): Promise<AsyncDisposable> {
  const command = ["netns", "exec", host.name, "/usr/bin/python3", TUNNEL_PROGRAM, network.name];
  const child = spawn("ip", command, { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  const { interface: name, ipv4, peer } = TUNNEL;
  await network.ip("address", "add", peer, "peer", ipv4, "dev", name);
  await host.ip("address", "add", ipv4, "peer", peer, "dev", name);
  for (const namespace of [network, host]) await namespace.ip("link", "set", name, "up");
  return { [Symbol.asyncDispose]: () => kill(child) };
}
