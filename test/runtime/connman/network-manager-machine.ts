import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { CABLES, Machine, type NetworkProgram, type Side, TRANSFER_SERVER } from "./machine.ts";
import { whyNoNamespaces } from "./namespaces.ts";

const PROGRAM = "/usr/sbin/NetworkManager";

const run = promisify(execFile);

/** Returns the reason why NetworkManager cannot be run; undefined if it can. */
export function whyNoNetworkManager(): string | undefined {
  const missing = [PROGRAM, "/usr/bin/nmcli"].filter((program) => !existsSync(program));
  return (
    whyNoNamespaces() ?? (missing.length > 0 ? `not installed: ${missing.join(", ")} (network-manager)` : undefined)
  );
}

/** Returns the version of the installed NetworkManager. */
export async function networkManagerVersion(): Promise<string> {
  return (await run(PROGRAM, ["--version"])).stdout.trim();
}

/** Starts a machine with NetworkManager. Its two profiles have fixed addresses and are active. */
export async function startNetworkManagerMachine(): Promise<NetworkManagerMachine> {
  const machine = new NetworkManagerMachine(await Machine.start(NETWORK_MANAGER));
  try {
    await machine.until("a", "connected");
    await machine.until("b", "connected");
  } catch (error) {
    await machine[Symbol.asyncDispose]();
    throw error;
  }
  return machine;
}

/** A machine whose cables NetworkManager manages. */
export class NetworkManagerMachine implements AsyncDisposable {
  readonly machine: Machine;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  /** Runs `nmcli --terse`. Returns its output. */
  async nmcli(...args: readonly string[]): Promise<string> {
    const env = { ...process.env, DBUS_SYSTEM_BUS_ADDRESS: this.machine.address, LC_ALL: "C" };
    return (await run("nmcli", ["--terse", ...args], { env })).stdout.trim();
  }

  /** Waits until a device is in a state that `nmcli device` prints, such as `connected`. */
  async until(side: Side, expected: string): Promise<void> {
    const { interface: name } = CABLES[side];
    let states = "";
    for (const end = Date.now() + 60_000; Date.now() < end; ) {
      states = await this.nmcli("--fields", "DEVICE,STATE", "device");
      if (states.split("\n").includes(`${name}:${expected}`)) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`${name} is not ${expected}: ${states.replaceAll("\n", " ")}`);
  }

  /**
   * Adds a stored profile.
   *
   * @param lines - Lines of the profile's file.
   */
  async addProfile(name: string, lines: readonly string[]): Promise<void> {
    await writeProfile(this.machine.folder, name, lines);
    await this.nmcli("connection", "reload");
  }

  /** Returns the content of the file of a stored profile. */
  profileFile(name: string): Promise<string> {
    return readFile(profilePath(this.machine.folder, name), "utf8");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.machine[Symbol.asyncDispose]();
  }
}

/** Returns the first lines of a profile for a cable. */
export function profileHead(name: string, interfaceName: string): readonly string[] {
  return ["[connection]", `id=${name}`, "type=ethernet", `interface-name=${interfaceName}`];
}

const NETWORK_MANAGER: NetworkProgram = {
  busName: "org.freedesktop.NetworkManager",
  stateFolder: "/var/lib/NetworkManager",
  async prepare(folder) {
    for (const name of ["profiles", "conf.d"]) await mkdir(join(folder, name));
    await writeFile(join(folder, "NetworkManager.conf"), configuration(join(folder, "profiles")));
    for (const { profile, interface: name, network, metric } of Object.values(CABLES)) {
      await writeProfile(folder, profile, [
        ...profileHead(profile, name),
        "[ipv4]",
        "method=manual",
        `address1=${network}.2/24,${network}.1`,
        `route-metric=${metric}`,
        "[ipv6]",
        "method=disabled",
      ]);
    }
  },
  command(folder) {
    const files = {
      config: "NetworkManager.conf",
      "config-dir": "conf.d",
      "intern-config": "intern.conf",
      "state-file": "state",
    };
    return [PROGRAM, "--no-daemon", ...Object.entries(files).map(([flag, file]) => `--${flag}=${join(folder, file)}`)];
  },
};

async function writeProfile(folder: string, name: string, lines: readonly string[]): Promise<void> {
  await writeFile(profilePath(folder, name), `${lines.join("\n")}\n`);
  await chmod(profilePath(folder, name), 0o600);
}

function profilePath(folder: string, name: string): string {
  return join(folder, "profiles", `${name}.nmconnection`);
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
uri=http://${TRANSFER_SERVER.address}:${TRANSFER_SERVER.httpPort}/
interval=60
[device]
match-device=type:veth
managed=1
`;
}
