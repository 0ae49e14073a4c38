import { type ChildProcess, execFile, type StdioOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { connect } from "@dbus-codegen-ts/runtime";
import { kill, Namespace, whyNoNamespaces } from "../../runtime/connman/namespaces.ts";
import { TRANSFER_BYTES } from "../../runtime/connman/programs/transfer-bytes.ts";
import { type PrivateBus, startPrivateBus } from "../../setup/private-bus.ts";
import { programArguments } from "../../setup/program.ts";

const PROGRAM = "/usr/sbin/NetworkManager";
const SERVER = { address: "198.51.100.1", port: 4000, httpPort: 4080 } as const;

const run = promisify(execFile);

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

export type Side = "a" | "b";

/** The cables of the machine. */
export const CABLES = {
  a: { interface: "wan-a", profile: "Office A", mac: "02:00:00:00:00:0a", network: "10.0.1" },
  b: { interface: "wan-b", profile: "Office B", mac: "02:00:00:00:00:0b", network: "10.0.2" },
} as const;

/** Text that a complete transfer from each network prints. */
export const COMPLETE = { a: `A ${TRANSFER_BYTES}`, b: `B ${TRANSFER_BYTES}` } as const;

/** Returns the reason why NetworkManager cannot be run; undefined if it can. */
export function whyNoNetworkManager(): string | undefined {
  const programs = [PROGRAM, "/usr/bin/nmcli"].filter((program) => !existsSync(program));
  return (
    whyNoNamespaces() ?? (programs.length > 0 ? `not installed: ${programs.join(", ")} (network-manager)` : undefined)
  );
}

/** Returns the version of the installed NetworkManager. */
export async function networkManagerVersion(): Promise<string> {
  return (await run(PROGRAM, ["--version"])).stdout.trim();
}

/**
 * A machine with two cables that NetworkManager manages, in a network namespace, with its own system bus. Each cable leads
 * to a network with a server at the same address.
 */
export class Machine implements AsyncDisposable {
  readonly host: Namespace;
  readonly networks: Readonly<Record<Side, Namespace>>;
  readonly folder: string;
  /** Address of the system bus. */
  readonly address: string;
  readonly #daemon: PrivateBus;
  readonly #servers = new Map<Side, ChildProcess>();
  readonly #services: ChildProcess[] = [];
  #networkManager: ChildProcess | undefined;

  /** Starts the machine, and waits until both profiles are active. */
  static async start(): Promise<Machine> {
    const daemon = await startPrivateBus();
    const folder = await mkdtemp(join(tmpdir(), "networkmanager-"));
    const machine = new Machine(daemon, folder);
    try {
      await machine.#prepare();
      await machine.startNetworkManager();
      await machine.until("a", "connected");
      await machine.until("b", "connected");
    } catch (error) {
      await machine[Symbol.asyncDispose]();
      throw error;
    }
    return machine;
  }

  private constructor(daemon: PrivateBus, folder: string) {
    const prefix = `dct-${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
    this.#daemon = daemon;
    this.address = daemon.address;
    this.folder = folder;
    this.host = new Namespace(`${prefix}-host`);
    this.networks = { a: new Namespace(`${prefix}-a`), b: new Namespace(`${prefix}-b`) };
  }

  /** Starts NetworkManager, and waits for its bus name. */
  async startNetworkManager(): Promise<void> {
    const files = {
      config: "NetworkManager.conf",
      "config-dir": "conf.d",
      "intern-config": "intern.conf",
      "state-file": "state",
    };
    const flags = Object.entries(files).map(([flag, file]) => `--${flag}=${join(this.folder, file)}`);
    // A read-only /sys makes NetworkManager do without udev. The other folders cannot be configured.
    const script = `mount -o remount,ro /sys; mkdir -p /var/lib/NetworkManager
      mount --bind ${join(this.folder, "run")} /run; mount --bind ${join(this.folder, "lib")} /var/lib/NetworkManager
      exec "$@"`;
    const command = ["netns", "exec", this.host.name, "sh", "-c", script, "sh", PROGRAM, "--no-daemon", ...flags];
    const output = process.env["NETWORKMANAGER_OUTPUT"] === undefined ? "ignore" : "inherit";
    this.#networkManager = this.#spawn(command, ["ignore", output, output]);
    await using bus = await connect({ bus: this.address });
    const isOwned = new Promise<void>((resolve, reject) => {
      this.#networkManager?.once("exit", (code) => reject(new Error(`NetworkManager ended with code ${code}`)));
      setTimeout(() => reject(new Error("NetworkManager did not start within 20 seconds")), 20_000).unref();
      void bus.watchName("org.freedesktop.NetworkManager", (owner) => owner !== undefined && resolve());
    });
    await isOwned;
  }

  /** Kills NetworkManager. The kernel keeps addresses and routes. */
  async killNetworkManager(): Promise<void> {
    if (this.#networkManager !== undefined) await kill(this.#networkManager);
    this.#networkManager = undefined;
  }

  /** Plugs a cable in or out. */
  async plug(side: Side, isIn: boolean): Promise<void> {
    await this.networks[side].ip("link", "set", "eth0", isIn ? "up" : "down");
  }

  /** Runs `nmcli --terse`. Returns its output. */
  async nmcli(...args: readonly string[]): Promise<string> {
    const env = { ...process.env, DBUS_SYSTEM_BUS_ADDRESS: this.address, LC_ALL: "C" };
    return (await run("nmcli", ["--terse", ...args], { env })).stdout.trim();
  }

  /** Waits until a device is in a state of `nmcli device`, such as `connected`. */
  async until(side: Side, expected: string): Promise<void> {
    const { interface: name } = CABLES[side];
    let states = "";
    for (const end = Date.now() + 20_000; Date.now() < end; ) {
      states = await this.nmcli("--fields", "DEVICE,STATE", "device");
      if (states.split("\n").includes(`${name}:${expected}`)) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`${name} is not ${expected}: ${states.replaceAll("\n", " ")}`);
  }

  /** Decides whether the connectivity check of a network finds the Internet or a captive portal. */
  setPortal(side: Side, isPortal: boolean): void {
    this.#servers.get(side)?.stdin?.write(isPortal ? "portal\n" : "internet\n");
  }

  /** Receives a transfer from an address of the machine. Returns a text of COMPLETE, or an error code. */
  async transfer(from: string): Promise<string> {
    const child = this.host.start("transfer-client.ts", SERVER.address, `${SERVER.port}`, from);
    let output = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    await once(child, "close");
    return output;
  }

  /** Starts the session service with a network. Resolves when it is ready, with what it has printed as error. */
  async startSessions(
    network: string,
    ...flags: readonly string[]
  ): Promise<{ process: ChildProcess; complaints: () => string }> {
    const program = fileURLToPath(new URL("../../runtime/connman/programs/sessiond.ts", import.meta.url));
    const args = [...programArguments(program), "--bus", this.address, "--network", network, ...flags];
    const service = this.#spawn(
      ["netns", "exec", this.host.name, process.execPath, ...args],
      ["ignore", "pipe", "pipe"],
    );
    this.#services.push(service);
    let complaints = "";
    service.stderr?.on("data", (chunk: Buffer) => {
      complaints += chunk.toString();
    });
    if (service.stdout !== null) await Promise.race([once(service.stdout, "data"), once(service, "close")]);
    return { process: service, complaints: () => complaints };
  }

  /** Adds a stored profile with the lines of its file. */
  async addProfile(name: string, lines: readonly string[]): Promise<void> {
    await this.#writeProfile(name, lines);
    await this.nmcli("connection", "reload");
  }

  /** Returns the file of a stored profile. */
  profileFile(name: string): Promise<string> {
    return readFile(join(this.folder, "profiles", `${name}.nmconnection`), "utf8");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const service of this.#services) await kill(service);
    await this.killNetworkManager();
    for (const server of this.#servers.values()) await kill(server);
    await Promise.allSettled([this.host, ...Object.values(this.networks)].map((namespace) => namespace.remove()));
    await this.#daemon.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Runs `ip` with the system bus of the machine. */
  #spawn(args: readonly string[], stdio: StdioOptions): ChildProcess {
    const child = spawn("ip", args, { stdio, env: { ...process.env, DBUS_SYSTEM_BUS_ADDRESS: this.address } });
    running.add(child);
    child.once("close", () => running.delete(child));
    return child;
  }

  async #prepare(): Promise<void> {
    for (const folder of ["profiles", "conf.d", "run", "lib"]) await mkdir(join(this.folder, folder));
    await writeFile(join(this.folder, "NetworkManager.conf"), configuration(join(this.folder, "profiles")));
    for (const namespace of [this.host, this.networks.a, this.networks.b]) await namespace.add();
    for (const side of ["a", "b"] as const) {
      const { profile, ...cable } = CABLES[side];
      await this.#wire(side);
      await this.#writeProfile(profile, [
        ...profileHead(profile, cable.interface),
        "[ipv4]",
        "method=manual",
        `address1=${cable.network}.2/24,${cable.network}.1`,
        `route-metric=${side === "a" ? 100 : 200}`,
        "[ipv6]",
        "method=disabled",
      ]);
    }
  }

  async #wire(side: Side): Promise<void> {
    const { interface: name, mac, network } = CABLES[side];
    const other = this.networks[side];
    await this.host.ip(
      "link",
      "add",
      name,
      "address",
      mac,
      "type",
      "veth",
      "peer",
      "name",
      "eth0",
      "netns",
      other.name,
    );
    await other.ip("address", "add", SERVER.address, "dev", "lo");
    await other.ip("address", "add", `${network}.1/24`, "dev", "eth0");
    await other.ip("link", "set", "eth0", "up");
    const args = [side.toUpperCase(), SERVER.address, `${SERVER.port}`, `${SERVER.httpPort}`];
    const server = other.start("transfer-server.ts", ...args);
    this.#servers.set(side, server);
    if (server.stdout !== null) await once(server.stdout, "data");
  }

  async #writeProfile(name: string, lines: readonly string[]): Promise<void> {
    const path = join(this.folder, "profiles", `${name}.nmconnection`);
    await writeFile(path, `${lines.join("\n")}\n`);
    await chmod(path, 0o600);
  }
}

/** Returns the first lines of a profile for a cable. */
export function profileHead(name: string, interfaceName: string): readonly string[] {
  return ["[connection]", `id=${name}`, "type=ethernet", `interface-name=${interfaceName}`];
}

function configuration(profiles: string): string {
  return `[main]
plugins=keyfile
no-auto-default=*
dns=none
rc-manager=unmanaged
auth-polkit=false
[keyfile]
path=${profiles}
[connectivity]
enabled=true
uri=http://${SERVER.address}:${SERVER.httpPort}/
interval=60
[device]
match-device=type:veth
managed=1
`;
}
