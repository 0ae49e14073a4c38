import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { connect } from "@dbus-codegen-ts/runtime";
import { type PrivateBus, startPrivateBus } from "../../setup/private-bus.ts";
import { programArguments } from "../../setup/program.ts";
import { kill, Namespace } from "./namespaces.ts";
import { TRANSFER_BYTES } from "./programs/transfer-bytes.ts";

/**
 * Addresses of the server, which are equal in both networks. The server also responds to NetworkManager's connectivity
 * check.
 */
export const TRANSFER_SERVER = { address: "198.51.100.1", port: 4000, httpPort: 4080 } as const;

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

export type Side = "a" | "b";

/** The cables of a machine. The address of the machine ends in 2, and that of the gateway in 1. */
export const CABLES = {
  a: { interface: "wan-a", profile: "Office A", mac: "02:00:00:00:00:0a", network: "10.0.1", metric: 100 },
  b: { interface: "wan-b", profile: "Office B", mac: "02:00:00:00:00:0b", network: "10.0.2", metric: 200 },
} as const;

/** Result of a complete transfer from each network. */
export const COMPLETE = { a: `A ${TRANSFER_BYTES}`, b: `B ${TRANSFER_BYTES}` } as const;

/** A program that configures the cables of a machine. */
export interface NetworkProgram {
  /** Bus name that the program owns when it is ready. */
  readonly busName: string;
  /** Writes the configuration of the program to a folder, which contains the empty folders `run` and `lib`. */
  prepare(folder: string): Promise<void>;
  /** Returns the program with its arguments. The program sees the folder `run` as `/run`, and a read-only `/sys`. */
  command(folder: string): readonly string[];
  /** Folder of the system for which the program sees the folder `lib` instead. */
  readonly stateFolder?: string;
}

/**
 * A machine: a network namespace with two cables and a system bus. A real program configures the cables. Each cable
 * leads to a network with a server, and both servers have the same address.
 */
export class Machine implements AsyncDisposable {
  readonly host: Namespace;
  readonly folder: string;
  /** Address of the system bus of the machine. */
  readonly address: string;
  readonly #program: NetworkProgram;
  readonly #daemon: PrivateBus;
  readonly #networks: Readonly<Record<Side, Namespace>>;
  readonly #servers = new Map<Side, ChildProcess>();
  readonly #services: ChildProcess[] = [];
  #manager: ChildProcess | undefined;

  /** Starts a machine and the program that configures its cables. */
  static async start(program: NetworkProgram): Promise<Machine> {
    const daemon = await startPrivateBus({ everyUser: true });
    const machine = new Machine(program, daemon, await mkdtemp(join(tmpdir(), "machine-")));
    try {
      await machine.#prepare();
      await machine.startManager();
    } catch (error) {
      await machine[Symbol.asyncDispose]();
      throw error;
    }
    return machine;
  }

  private constructor(program: NetworkProgram, daemon: PrivateBus, folder: string) {
    const prefix = `dct-${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
    this.#program = program;
    this.#daemon = daemon;
    this.address = daemon.address;
    this.folder = folder;
    this.host = new Namespace(`${prefix}-host`);
    this.#networks = { a: new Namespace(`${prefix}-a`), b: new Namespace(`${prefix}-b`) };
  }

  /** Starts the program that configures the cables, and waits for its bus name. */
  async startManager(): Promise<void> {
    const { busName, stateFolder } = this.#program;
    // If /sys is read-only, programs do not wait for udev.
    const mounts = ["mount -o remount,ro /sys", `mount --bind ${this.folder}/run /run`];
    if (stateFolder) mounts.push(`mkdir -p ${stateFolder}`, `mount --bind ${this.folder}/lib ${stateFolder}`);
    const script = [...mounts, 'exec "$@"'].join(" && ");
    const command = ["sh", "-c", script, "sh", ...this.#program.command(this.folder)];
    const output = process.env["MACHINE_OUTPUT"] === undefined ? "ignore" : "inherit";
    const manager = this.#spawn(command, ["ignore", output, output]);
    this.#manager = manager;
    await using bus = await connect({ bus: this.address });
    await new Promise<void>((resolve, reject) => {
      manager.once("exit", (code) => reject(new Error(`the owner of ${busName} ended with code ${code}`)));
      setTimeout(() => reject(new Error(`no owner of ${busName} within 60 seconds`)), 60_000).unref();
      void bus.watchName(busName, (owner) => owner !== undefined && resolve());
    });
  }

  /** Kills the program that configures the cables. The kernel keeps addresses and routes. */
  async killManager(): Promise<void> {
    if (this.#manager !== undefined) await kill(this.#manager);
    this.#manager = undefined;
  }

  /** Plugs a cable in or out. */
  async plug(side: Side, isIn: boolean): Promise<void> {
    await this.#networks[side].ip("link", "set", "eth0", isIn ? "up" : "down");
  }

  /** Sets whether the connectivity check of a network finds the Internet or a captive portal. */
  setPortal(side: Side, isPortal: boolean): void {
    this.#servers.get(side)?.stdin?.write(isPortal ? "portal\n" : "internet\n");
  }

  /**
   * Receives a transfer. Returns a value of `COMPLETE` after a complete transfer, or an error code.
   *
   * @param from - Source address; empty for any.
   */
  async transfer(from = ""): Promise<string> {
    const { address, port } = TRANSFER_SERVER;
    const child = this.host.start("transfer-client.ts", address, `${port}`, from);
    let output = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    await once(child, "close");
    return output;
  }

  /**
   * Starts the session service, and ends the previous one. Resolves, when the service is ready, with a function that
   * returns its error output.
   */
  async startSessions(network: string, ...flags: readonly string[]): Promise<() => string> {
    for (const service of this.#services.splice(0)) await kill(service);
    const program = fileURLToPath(new URL("programs/sessiond.ts", import.meta.url));
    const args = [...programArguments(program), "--bus", this.address, "--network", network, ...flags];
    const service = this.#spawn([process.execPath, ...args], ["ignore", "pipe", "pipe"]);
    this.#services.push(service);
    let complaints = "";
    service.stderr?.on("data", (chunk: Buffer) => {
      complaints += chunk.toString();
    });
    if (service.stdout !== null) await Promise.race([once(service.stdout, "data"), once(service, "close")]);
    return () => complaints;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const service of this.#services) await kill(service);
    await this.killManager();
    for (const server of this.#servers.values()) await kill(server);
    await Promise.allSettled([this.host, ...Object.values(this.#networks)].map((namespace) => namespace.remove()));
    await this.#daemon.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Runs a command on the machine, with its system bus. */
  #spawn(command: readonly string[], stdio: StdioOptions): ChildProcess {
    const env = { ...process.env, DBUS_SYSTEM_BUS_ADDRESS: this.address };
    const child = spawn("ip", ["netns", "exec", this.host.name, ...command], { stdio, env });
    running.add(child);
    child.once("close", () => running.delete(child));
    return child;
  }

  async #prepare(): Promise<void> {
    for (const folder of ["run", "lib"]) await mkdir(join(this.folder, folder));
    await this.#program.prepare(this.folder);
    for (const namespace of [this.host, ...Object.values(this.#networks)]) await namespace.add();
    await Promise.all([this.#wire("a"), this.#wire("b")]);
  }

  async #wire(side: Side): Promise<void> {
    const { interface: name, mac, network } = CABLES[side];
    const { address, port, httpPort } = TRANSFER_SERVER;
    const other = this.#networks[side];
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
    await other.ip("address", "add", address, "dev", "lo");
    await other.ip("address", "add", `${network}.1/24`, "dev", "eth0");
    await other.ip("link", "set", "eth0", "up");
    const server = other.start("transfer-server.ts", side.toUpperCase(), address, `${port}`, `${httpPort}`);
    this.#servers.set(side, server);
    if (server.stdout !== null) await once(server.stdout, "data");
  }
}
