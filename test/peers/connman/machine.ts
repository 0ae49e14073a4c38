import { type ChildProcess, execFile, execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { endsWithUs } from "../../reliability/support.ts";
import { whyNoConnman } from "../../runtime/connman/connman-daemon.ts";
import { startDhcpServer, whyNoDhcp } from "../../runtime/connman/dhcp-server.ts";
import { kill, Namespace } from "../../runtime/connman/namespaces.ts";
import { programArguments } from "../../setup/program.ts";

const PROGRAM = "/usr/sbin/connmand";

const KEEP_LISTS = fileURLToPath(new URL("programs/keep-lists.c", import.meta.url));
const COMPILER = "cc";

const run = promisify(execFile);

/** Returns why a `ConnmanMachine` cannot be started here; undefined if it can. */
export function whyNoMachine(): string | undefined {
  const hasCompiler = spawnSync(COMPILER, ["--version"]).status === 0;
  return whyNoConnman() ?? whyNoDhcp() ?? (hasCompiler ? undefined : `not installed: ${COMPILER}, a C compiler`);
}

/** Returns the version of the installed ConnMan. */
export async function connmanVersion(): Promise<string> {
  return (await run(PROGRAM, ["--version"])).stdout.trim();
}

/** A link of the machine on which ConnMan runs. */
export interface Link {
  readonly interface: string;
  readonly bearer: "ethernet" | "gadget";
  readonly mac: string;
  /**
   * First three numbers of the link's IPv4 addresses, such as `10.1.2`. `network6` is the start of its IPv6 addresses.
   */
  readonly network: string;
  readonly network6: string;
  /**
   * How the service gets its first addresses: by D-Bus, by a file, which prevents changes over D-Bus, or from a DHCP
   * server.
   */
  readonly addresses: "bus" | "file" | "dhcp";
}

/** A machine that runs ConnMan: a network namespace with links to a router in another one. */
export class ConnmanMachine implements AsyncDisposable {
  readonly links: readonly Link[];
  readonly #host: Namespace;
  readonly #router: Namespace;
  readonly #folder: string;
  readonly #process: ChildProcess;
  readonly #servers: ChildProcess[] = [];
  readonly #dhcpServers = new Map<string, ChildProcess>();

  /** @param address - Address of the bus that ConnMan uses as system bus. */
  static async start(address: string, links: readonly Link[]): Promise<ConnmanMachine> {
    const prefix = `dct-${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
    const [host, router] = [new Namespace(`${prefix}-c`), new Namespace(`${prefix}-r`)];
    const folder = mkdtempSync(join(tmpdir(), "connman-"));
    try {
      for (const namespace of [host, router]) await namespace.add();
      await router.ip("address", "add", "198.51.100.1/32", "dev", "lo");
      await router.ip("address", "add", "2001:db8:f::1/128", "dev", "lo");
      for (const link of links) await connectLink(host, router, link);
      return new ConnmanMachine(host, router, links, folder, address);
    } catch (error) {
      for (const namespace of [host, router]) await namespace.remove();
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  private constructor(host: Namespace, router: Namespace, links: readonly Link[], folder: string, address: string) {
    this.links = links;
    this.#host = host;
    this.#router = router;
    this.#folder = folder;
    writeFileSync(join(folder, "main.conf"), CONFIGURATION);
    writeFileSync(join(folder, "resolv.conf"), "");
    execFileSync(COMPILER, [
      "-shared",
      "-fPIC",
      "-Wall",
      "-Wextra",
      "-Werror",
      "-o",
      join(folder, LIBRARY),
      KEEP_LISTS,
    ]);
    for (const link of links) {
      if (link.addresses === "file") this.provision(link, 50);
    }
    const env = { ...process.env, DBUS_SYSTEM_BUS_ADDRESS: address };
    const isolated = [
      "unshare",
      "--mount",
      "--uts",
      "--propagation",
      "private",
      "sh",
      "-c",
      startScript(folder, links),
    ];
    const command = ["netns", "exec", host.name, ...isolated];
    this.#process = endsWithUs(spawn("ip", command, { env, stdio: "ignore" }));
  }

  get hasEnded(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  /** Starts the server of the online check. Resolves when it accepts connections. */
  async startServer(): Promise<void> {
    const program = fileURLToPath(new URL("programs/online.ts", import.meta.url));
    const command = ["netns", "exec", this.#router.name, process.execPath, ...programArguments(program)];
    const server = endsWithUs(spawn("ip", command, { stdio: ["pipe", "pipe", "inherit"] }));
    this.#servers.push(server);
    await new Promise((resolve) => server.stdout.once("data", resolve));
  }

  /** Starts a DHCP server on a link, in place of the previous server. It assigns the address with a host number. */
  async serveDhcp({ interface: name, network }: Link, host: number): Promise<void> {
    const previous = this.#dhcpServers.get(name);
    if (previous !== undefined) await kill(previous);
    const lease = { interface: `r-${name}`, address: `${network}.${host}`, router: `${network}.1` };
    const leases = join(this.#folder, `${name}.leases`);
    this.#dhcpServers.set(name, await startDhcpServer(this.#router, { ...lease, leases }));
  }

  /** Decides whether the online check succeeds from now on. */
  setOnline(isOnline: boolean): void {
    for (const server of this.#servers) server.stdin?.write(isOnline ? "online\n" : "offline\n");
  }

  /** Plugs a cable in or out. */
  async plug({ interface: name }: Link, isIn: boolean): Promise<void> {
    await this.#router.ip("link", "set", `r-${name}`, isIn ? "up" : "down");
  }

  /** Configures a service by a file with a host number. */
  provision({ bearer, mac, interface: name, network, network6 }: Link, host: number): void {
    const lines = [
      `[service_${name}]`,
      `Type=${bearer}`,
      `MAC=${mac}`,
      `IPv4=${network}.${host}/255.255.255.0/${network}.1`,
      `IPv6=${network6}::${host}/64/${network6}::1`,
      `Nameservers=${network}.1`,
    ];
    writeFileSync(join(this.#folder, `${name}.config`), `${lines.join("\n")}\n`);
  }

  /** Ends ConnMan as an administrator does. Resolves when the process has ended. */
  async stop(): Promise<void> {
    if (this.hasEnded) return;
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.kill("SIGTERM");
    await ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of [...this.#servers, ...this.#dhcpServers.values()]) server.kill("SIGKILL");
    if (!this.hasEnded) {
      const ended = new Promise((resolve) => this.#process.once("exit", resolve));
      this.#process.kill("SIGKILL");
      await ended;
    }
    await Promise.allSettled([this.#host.remove(), this.#router.remove()]);
    await rm(this.#folder, { recursive: true, force: true });
  }
}

async function connectLink(host: Namespace, router: Namespace, link: Link): Promise<void> {
  const { interface: name, mac, network, network6 } = link;
  await host.ip("link", "add", name, "address", mac, "type", "veth", "peer", "name", `r-${name}`, "netns", router.name);
  await router.ip("address", "add", `${network}.1/24`, "dev", `r-${name}`);
  await router.ip("address", "add", `${network6}::1/64`, "dev", `r-${name}`, "nodad");
}

const CONFIGURATION = `[General]
OnlineCheckIPv4URL=http://198.51.100.1/
OnlineCheckIPv6URL=http://[2001:db8:f::1]/
OnlineCheckInitialInterval=1
OnlineCheckMaxInterval=1
AllowHostnameUpdates=false
AllowDomainnameUpdates=false
NetworkInterfaceBlacklist=lo
`;

/** Name of the library that is compiled from `KEEP_LISTS`, in the folder of ConnMan's state. */
const LIBRARY = "keep-lists.so";

/**
 * Returns a script that runs ConnMan with its own state. A file that is mounted over the `uevent` file of an interface
 * marks the interface as a gadget.
 */
function startScript(folder: string, links: readonly Link[]): string {
  const gadgets = links.flatMap(({ interface: name, bearer }) =>
    bearer === "gadget"
      ? [
          `printf 'INTERFACE=${name}\\nDEVTYPE=gadget\\n' > ${folder}/${name}.uevent`,
          `mount --bind ${folder}/${name}.uevent /sys/class/net/${name}/uevent`,
        ]
      : [],
  );
  return [
    "set -e",
    "mkdir -p /var/lib/connman",
    "mount -t tmpfs tmpfs /run",
    "mkdir -p /run/connman",
    // With systemd-resolved, it is a link to a file in /run.
    "RESOLV_CONF=$(readlink -m /etc/resolv.conf)",
    'mkdir -p "$(dirname $RESOLV_CONF)"',
    "test -e $RESOLV_CONF || touch $RESOLV_CONF",
    `mount --bind ${folder}/resolv.conf $RESOLV_CONF`,
    ...gadgets,
    `mount --bind ${folder} /var/lib/connman`,
    `LD_PRELOAD=${folder}/${LIBRARY} exec ${PROGRAM} -n -r --nobacktrace -c ${folder}/main.conf`,
  ].join("\n");
}
