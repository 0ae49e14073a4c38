import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { programArguments } from "../../setup/program.ts";

/** Where both networks have a server that says which network it is in. */
export const SERVER = { ipv4: "198.51.100.1", ipv6: "2001:db8:f::1", port: 4000, httpPort: 4080 } as const;

/** One of the two networks. */
export type Side = "a" | "b";

/** How the host is connected to each network. */
export const LINKS = {
  a: { interface: "wan-a", mac: "02:00:00:00:00:0a", ipv4: "10.0.1.2", ipv6: "2001:db8:a::2", metric: 100 },
  b: { interface: "wan-b", mac: "02:00:00:00:00:0b", ipv4: "10.0.2.2", ipv6: "2001:db8:b::2", metric: 200 },
} as const;

const GATEWAYS = {
  a: { ipv4: "10.0.1.1", ipv6: "2001:db8:a::1" },
  b: { ipv4: "10.0.2.1", ipv6: "2001:db8:b::1" },
} as const;

const run = promisify(execFile);

const present = new Set<string>();
process.on("exit", () => {
  for (const name of present) spawnSync("ip", ["netns", "delete", name]);
});

/** Why there can be no networks here; undefined where there can. */
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

/** A separate network stack. It is removed when this process exits, at the latest. */
export class Namespace {
  readonly name: string;
  readonly #children = new Set<ChildProcess>();

  constructor(name: string) {
    this.name = name;
  }

  async add(): Promise<void> {
    present.add(this.name);
    await run("ip", ["netns", "add", this.name]);
    await this.ip("link", "set", "lo", "up");
  }

  /** Runs `ip` in it and gives what it prints. */
  async ip(...args: readonly string[]): Promise<string> {
    return (await run("ip", ["-n", this.name, ...args])).stdout;
  }

  /** Runs a command in it and gives what it prints. */
  async run(command: string, ...args: readonly string[]): Promise<string> {
    return (await run("ip", ["netns", "exec", this.name, command, ...args])).stdout;
  }

  /** Starts a program of the folder `programs/` in it; it is killed with the namespace. */
  start(program: string, ...args: readonly string[]): ChildProcess {
    const path = fileURLToPath(new URL(`programs/${program}`, import.meta.url));
    const command = ["netns", "exec", this.name, process.execPath, ...programArguments(path), ...args];
    const child = spawn("ip", command, { stdio: ["pipe", "pipe", "inherit"] });
    this.#children.add(child);
    child.once("close", () => this.#children.delete(child));
    return child;
  }

  async remove(): Promise<void> {
    await Promise.all([...this.#children].map(kill));
    await run("ip", ["netns", "delete", this.name]);
    present.delete(this.name);
  }
}

/** Ends a process as a crash would. */
export async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "close");
}

/**
 * A host between two networks: links as in `LINKS`, the default route over A first, and in each network a server at the
 * same addresses, which says the name of the network and the address it sees.
 */
export interface Networks extends AsyncDisposable {
  readonly host: Namespace;
  /** Pulls the cable, or puts it in; resolves when the host has seen it. */
  plug(side: Side, isIn: boolean): Promise<void>;
  /** Switches the interface of the host off, or on with all it had; resolves when the host has seen it. */
  turn(side: Side, isOn: boolean): Promise<void>;
  /**
   * Connects from the host to the server, as a user and group of these numbers, from an address where one is given.
   *
   * @returns Such as `A sees 10.0.1.2`, or the code of the error.
   */
  greet(options?: GreetOptions): Promise<string>;
}

/** How the server is asked. */
export interface GreetOptions {
  readonly to?: string;
  readonly from?: string;
  readonly uid?: number;
  readonly gid?: number;
}

/** Makes the networks, and waits until they work. */
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
  return {
    host,
    plug: async (side, isIn) => {
      await (isIn ? configure(sides[side], side) : sides[side].ip("link", "set", "eth0", "down"));
      await carrier(host, LINKS[side].interface, isIn);
    },
    turn: (side, isOn) => (isOn ? switchOn(host, side) : switchOff(host, side)),
    greet: (options = {}) => greet(host, options),
    [Symbol.asyncDispose]: remove,
  };
}

async function wire(host: Namespace, network: Namespace, side: Side): Promise<void> {
  const { interface: name, mac } = LINKS[side];
  await host.ip("link", "add", name, "address", mac, "type", "veth", "peer", "name", "eth0", "netns", network.name);
  await network.ip("address", "add", SERVER.ipv4, "dev", "lo");
  await network.ip("address", "add", SERVER.ipv6, "dev", "lo", "nodad");
  await configure(network, side);
  await switchOn(host, side);
}

async function switchOn(host: Namespace, side: Side): Promise<void> {
  const { interface: name, ipv4, ipv6, metric } = LINKS[side];
  await host.ip("link", "set", name, "up");
  await carrier(host, name, true);
  await host.ip("address", "replace", `${ipv4}/24`, "dev", name);
  await host.ip("address", "replace", `${ipv6}/64`, "dev", name, "nodad");
  await host.ip("route", "add", "default", "via", GATEWAYS[side].ipv4, "metric", `${metric}`);
  await host.ip("-6", "route", "add", "default", "via", GATEWAYS[side].ipv6, "metric", `${metric}`);
}

async function switchOff(host: Namespace, side: Side): Promise<void> {
  await host.ip("link", "set", LINKS[side].interface, "down");
  await carrier(host, LINKS[side].interface, false);
}

/** Linux takes IPv6 addresses away from an interface that is switched off, so that they are given each time. */
async function configure(network: Namespace, side: Side): Promise<void> {
  const { ipv4, ipv6 } = GATEWAYS[side];
  await network.ip("link", "set", "eth0", "up");
  await network.ip("address", "replace", `${ipv4}/24`, "dev", "eth0");
  await network.ip("address", "replace", `${ipv6}/64`, "dev", "eth0", "nodad");
}

/** Linux reports a carrier up to a second later. */
async function carrier(host: Namespace, name: string, expected: boolean): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const isUp = (await host.ip("link", "show", "dev", name)).includes("state UP");
    if (isUp === expected) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${name} has ${expected ? "no" : "a"} carrier`);
}

async function serve(network: Namespace, name: string): Promise<void> {
  const server = network.start("greeter.ts", name, SERVER.ipv4, SERVER.ipv6, `${SERVER.port}`, `${SERVER.httpPort}`);
  if (server.stdout !== null) await once(server.stdout, "data");
}

async function greet(
  host: Namespace,
  { to = SERVER.ipv4, from = "", uid = 0, gid = 0 }: GreetOptions,
): Promise<string> {
  const child = host.start("greeted.ts", to, `${SERVER.port}`, from, `${uid}`, `${gid}`);
  let output = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  await once(child, "close");
  return output;
}
