import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { CommandError } from "../../../../../../runtime/connman/adapters/linux/command.ts";
import { IpMonitor } from "../../../../../../runtime/connman/adapters/linux/ip-monitor.ts";
import { CheckRoutes } from "../../../../../../runtime/connman/adapters/network/linux/check-routes.ts";
import {
  LinuxNetwork,
  type LinuxNetworkOptions,
} from "../../../../../../runtime/connman/adapters/network/linux/linux-network.ts";
import {
  CONNMAN_ONLINE_CHECK,
  isOnline,
} from "../../../../../../runtime/connman/adapters/network/linux/online-check.ts";
import { Namespace, type Networks, SERVER, startNetworks, TUNNEL, whyNoNamespaces } from "../../../namespaces.ts";
import { HostProcess } from "../../../namespaces-host.ts";

const missing = whyNoNamespaces();

describe.skipIf(missing !== undefined)(`a host of two networks${missing ? ` (skipped: ${missing})` : ""}`, () => {
  let networks: Networks;
  /** The process in which most hosts run. */
  let hosts: HostProcess;

  beforeAll(async () => {
    networks = await startNetworks();
    hosts = new HostProcess(networks.host);
  });
  // A test that fails must not change the services of the next.
  afterEach(() => networks.host.run("sh", "-c", "ip link delete wan-c 2>&1 || true"));
  afterAll(async () => {
    await hosts[Symbol.asyncDispose]();
    await networks[Symbol.asyncDispose]();
  });

  it("has a service for each link", async () => {
    await using host = hosts.open();
    const [a, b] = await host.services("wan-a ready, wan-b ready");
    expect(a).toMatchObject({
      id: "ethernet_02000000000a_cable",
      name: "Wired",
      bearer: "ethernet",
      interface: "wan-a",
    });
    expect(b?.ipv4).toEqual({ method: "manual", address: "10.0.2.2", netmask: "255.255.255.0", gateway: "10.0.2.1" });
    expect(b?.ipv6).toEqual({ method: "manual", address: "2001:db8:b::2", prefixLength: 64, gateway: "2001:db8:b::1" });
  });

  it("reports cables that are unplugged, interfaces that are switched off, and their return", async () => {
    await using host = hosts.open();
    await host.services("wan-a ready, wan-b ready");
    await networks.plug("a", false);
    await host.services("wan-a idle, wan-b ready");
    await networks.plug("a", true);
    await host.services("wan-a ready, wan-b ready");
    await networks.turn("a", false);
    // The interface has lost its default route.
    await host.services("wan-b ready, wan-a idle");
    await networks.turn("a", true);
    await host.services("wan-a ready, wan-b ready");
  });

  it("brings up an interface that is off, and takes down only that", async () => {
    await networks.turn("a", false);
    await using host = hosts.open();
    const [b, a] = await host.services("wan-b ready, wan-a idle");
    host.send({ connect: a?.id ?? "" });
    // The interface has its address, but other programs configure its default route.
    await host.services("wan-b ready, wan-a ready");
    host.send({ disconnect: b?.id ?? "" });
    host.send({ disconnect: a?.id ?? "" });
    await host.services("wan-b ready, wan-a idle");
    expect(await networks.host.ip("link", "show", "wan-a")).toMatch(/state DOWN .* group default/);
    await networks.turn("a", true);
    await host.services("wan-a ready, wan-b ready");
  });

  it("does not switch interfaces if the option says so", async () => {
    await networks.turn("a", false);
    await using host = hosts.open({ switchInterfaces: false });
    const [, a] = await host.services("wan-b ready, wan-a idle");
    host.send({ connect: a?.id ?? "" });
    await host.request({ setOffline: true });
    expect(await networks.host.ip("link", "show", "wan-a")).toContain("state DOWN");
    await networks.turn("a", true);
  });

  it("reports a service without carrier as failed, and leaves its interface on", async () => {
    await networks.plug("a", false);
    await using host = hosts.open({ connectTimeoutMs: 100 });
    const services = await host.services("wan-a idle, wan-b ready");
    host.send({ connect: services[0]?.id ?? "" });
    const [failed] = await host.services("wan-a failure, wan-b ready");
    expect(failed?.failure).toBe("connect-failed");
    await networks.plug("a", true);
    await host.services("wan-a ready, wan-b ready");
  });

  it("takes down an interface that gets no addresses", async () => {
    await networks.host.ip("link", "add", "wan-c", "type", "veth", "peer", "name", "other");
    await networks.host.ip("link", "set", "other", "up");
    // The kernel may report the carrier up to a second late.
    await using host = hosts.open({ connectTimeoutMs: 1_200 });
    const [, , c] = await host.services("wan-a ready, wan-b ready, wan-c idle");
    host.send({ connect: c?.id ?? "" });
    await host.services("wan-a ready, wan-b ready, wan-c configuration");
    const [, , failed] = await host.services("wan-a ready, wan-b ready, wan-c failure");
    expect(failed?.failure).toBe("dhcp-failed");
    expect(await networks.host.ip("link", "show", "wan-c")).toMatch(/state DOWN .* group default/);
  });

  it("takes down what a process that crashed has brought up", async () => {
    await networks.turn("a", false);
    const crashing = new HostProcess(networks.host);
    const crashed = crashing.open();
    const [, a] = await crashed.services("wan-b ready, wan-a idle");
    crashed.send({ connect: a?.id ?? "" });
    await crashed.services("wan-b ready, wan-a ready");
    await crashing.crash();
    await using host = hosts.open();
    await host.services("wan-b ready, wan-a idle");
    expect(await networks.host.ip("link", "show", "wan-a")).toContain("group default");
    await networks.turn("a", true);
    await host.services("wan-a ready, wan-b ready");
  });

  it("switches a technology off and on", async () => {
    await using host = hosts.open({ bearers: { "wan-a": "ethernet", "wan-b": "cellular" } });
    await host.services("wan-a ready, wan-b ready");
    await host.request({ setPowered: "cellular", isPowered: false });
    await host.services("wan-a ready");
    expect(host.technologies).toEqual([
      { bearer: "cellular", name: "Cellular", isPowered: false },
      { bearer: "ethernet", name: "Wired", isPowered: true },
    ]);
    expect(await networks.host.ip("link", "show", "wan-b")).toContain("state DOWN");
    await host.request({ setPowered: "cellular", isPowered: true });
    await networks.turn("b", true);
    await host.services("wan-a ready, wan-b ready");
    await expect(host.request({ setPowered: "wimax", isPowered: true })).rejects.toThrow(
      "there is no technology wimax",
    );
  });

  it("switches radios off in offline mode, and later those on that it has switched off", async () => {
    const radioSwitches = await mkdtemp(join(tmpdir(), "rfkill-"));
    const radio = async (name: string, type: string, soft: string) => {
      await mkdir(join(radioSwitches, name));
      const values = { type: `${type}\n`, soft: `${soft}\n`, hard: "0\n" };
      for (const [file, value] of Object.entries(values)) await writeFile(join(radioSwitches, name, file), value);
      return () => readFile(join(radioSwitches, name, "soft"), "utf8");
    };
    const [wifi, bluetooth] = [await radio("rfkill0", "wlan", "0"), await radio("rfkill1", "bluetooth", "1")];
    await radio("rfkill2", "nfc", "0");
    await using host = hosts.open({ bearers: { "wan-a": "ethernet", "wan-b": "wifi" }, radioSwitches });
    await host.services("wan-a ready, wan-b ready");
    await host.request({ setOffline: true });
    await host.services("wan-a ready");
    expect([await wifi(), await bluetooth(), host.isOffline]).toEqual(["1", "1\n", true]);
    expect(host.technologies.map(({ bearer, isPowered }) => `${bearer} ${isPowered}`)).toEqual([
      "bluetooth false",
      "ethernet true",
      "wifi false",
    ]);
    await host.request({ setOffline: false });
    await networks.turn("b", true);
    await host.services("wan-a ready, wan-b ready");
    expect([await wifi(), await bluetooth(), host.isOffline]).toEqual(["0", "1\n", false]);
    await rm(radioSwitches, { recursive: true });
  });

  it("remembers offline mode, technologies that are off, and AutoConnect", async () => {
    const folder = await mkdtemp(join(tmpdir(), "settings-"));
    const settingsFile = join(folder, "state", "linux-network.json");
    const options = { bearers: { "wan-a": "ethernet", "wan-b": "wifi" }, settingsFile } as const;
    {
      await using host = hosts.open(options);
      const [a] = await host.services("wan-a ready, wan-b ready");
      await host.request({ setAutoConnect: a?.id ?? "", autoConnect: false });
      await host.request({ setOffline: true });
      await host.services("wan-a ready");
    }
    // The interface is switched on later, for instance at the next boot.
    await networks.turn("b", true);
    {
      await using host = hosts.open(options);
      await host.services("wan-a ready", ([service]) => service?.autoConnect === false);
      expect(host.isOffline).toBe(true);
      expect(await networks.host.ip("link", "show", "wan-b")).toContain("state DOWN");
      await host.request({ setOffline: false });
      await networks.turn("b", true);
      const [a] = await host.services("wan-a ready, wan-b ready");
      await host.request({ setAutoConnect: a?.id ?? "", autoConnect: true });
    }
    await using host = hosts.open(options);
    const services = await host.services("wan-a ready, wan-b ready");
    expect([host.isOffline, ...services.map(({ autoConnect }) => autoConnect)]).toEqual([false, true, true]);
    await rm(folder, { recursive: true });
  });

  it("gives a wireless service the name of its network, which iw reports", async () => {
    const folder = await mkdtemp(join(tmpdir(), "iw-"));
    const output = "phy#0\n\tInterface wan-b\n\t\tssid Caf\\xc3\\xa9 2\n";
    await writeFile(join(folder, "iw"), `#!/bin/sh\ncat <<'END'\n${output}END\n`, { mode: 0o755 });
    vi.stubEnv("PATH", `${folder}:${process.env["PATH"]}`);
    await using withIw = new HostProcess(networks.host);
    vi.unstubAllEnvs();
    const host = withIw.open({ bearers: { "wan-a": "wifi", "wan-b": "wifi" } });
    const services = await host.services("wan-a ready, wan-b ready");
    expect(services.map(({ name }) => name)).toEqual(["wan-a", "Café 2"]);
    await rm(folder, { recursive: true });
  });

  it.each([
    ["a bridge", "br0", ["type", "bridge"], "gadget"],
    ["a macvlan interface", "mv0", ["link", "wan-a", "type", "macvlan"], "ethernet"],
  ] as const)("accepts %s on request", async (_case, name, type, bearer) => {
    await networks.host.ip("link", "add", name, ...type);
    try {
      await using host = hosts.open({ bearers: { "wan-*": "ethernet", [name]: bearer } });
      const [, , added] = await host.services(`wan-a ready, wan-b ready, ${name} idle`);
      expect(added).toMatchObject({ bearer, interface: name });
    } finally {
      await networks.host.ip("link", "delete", name);
    }
  });

  it("reports links that are added and removed", async () => {
    await using host = hosts.open();
    await host.services("wan-a ready, wan-b ready");
    await networks.host.ip("link", "add", "wan-c", "type", "veth", "peer", "name", "other");
    await host.services("wan-a ready, wan-b ready, wan-c idle");
    await networks.host.ip("link", "delete", "wan-c");
    await host.services("wan-a ready, wan-b ready");
  });

  it("reads links, addresses and routes once or twice after a change, and not when routes of sessions change", async () => {
    const commands = await loggedCommands(networks.host);
    await using process = commands.process;
    const host = process.open();
    await host.services("wan-a ready, wan-b ready");
    await host.apply([]);
    const session = { mark: 256, owner: { uid: 2000 }, sourceIPRule: false };
    await commands.take();
    for (const name of ["wan-a", "wan-b", "wan-a", "wan-b", "wan-a", "wan-b"]) {
      await host.apply([{ ...session, interface: name }]);
    }
    await host.apply([]);
    await networks.host.ip("link", "add", "wan-c", "type", "veth", "peer", "name", "other");
    await host.services("wan-a ready, wan-b ready, wan-c idle");
    const started = await commands.take();
    const count = (command: string) => started.filter((line) => line === command).length;
    // Each change adds routes, loads the firewall, and removes routes.
    expect([count("nft -f -"), count("ip -4 -batch -"), count("ip -6 -batch -")]).toEqual([7, 12, 12]);
    // Readings for the new link, and one reading when the monitor has started.
    expect(count(READ_LINKS)).toBeLessThanOrEqual(5);
    expect(count(READ_ROUTES_6)).toBeLessThanOrEqual(5);
  });

  it("reports the loss of a carrier before it has read the network", async () => {
    const commands = await loggedCommands(networks.host, "-json");
    await using process = commands.process;
    const host = process.open();
    await host.services("wan-a ready, wan-b ready");
    // After the first change, the monitor has started.
    for (const isPlugged of [false, true]) {
      await networks.plug("a", isPlugged);
      await host.services(`wan-a ${isPlugged ? "ready" : "idle"}, wan-b ready`);
    }
    const unblock = await commands.block();
    await commands.take();
    await networks.plug("a", false);
    await host.services("wan-a idle, wan-b ready");
    await unblock();
    await expect.poll(async () => (await commands.take()).includes(READ_LINKS)).toBe(true);
    await networks.plug("a", true);
    await host.services("wan-a ready, wan-b ready");
  });

  it("restarts its monitor after it was killed", async () => {
    await using host = hosts.open();
    await host.services("wan-a ready, wan-b ready");
    await expect.poll(() => monitorsIn(networks.host)).toHaveLength(1);
    for (const monitor of await monitorsIn(networks.host)) process.kill(monitor, "SIGKILL");
    await networks.host.ip("link", "add", "wan-c", "type", "veth", "peer", "name", "other");
    await host.services("wan-a ready, wan-b ready, wan-c idle");
    await networks.host.ip("link", "delete", "wan-c");
    await host.services("wan-a ready, wan-b ready");
  });

  it("leaves no process behind when it is killed, also if nothing happens on the network", async () => {
    const quiet = new Namespace(`${networks.host.name}-quiet`);
    await quiet.add();
    const processes = () => networks.host.run("ip", "netns", "pids", quiet.name);
    try {
      const before = await processes();
      const killed = new HostProcess(quiet);
      killed.open();
      await expect.poll(() => monitorsIn(quiet)).toHaveLength(1);
      await killed.crash();
      await expect.poll(processes).toBe(before);
    } finally {
      await quiet.remove();
    }
  });

  const online = (path: string): LinuxNetworkOptions => ({
    online: { header: CONNMAN_ONLINE_CHECK.header, url: `http://${SERVER.ipv4}:${SERVER.httpPort}${path}` },
  });
  const checkRules = async (): Promise<string> =>
    (await networks.host.ip("rule")) + (await networks.host.ip("route", "show", "table", "all", "proto", "214"));

  it("checks each service over its own interface: Internet, captive portal, dead", async () => {
    const before = await checkRules();
    // The preferred default route leads nowhere.
    await networks.host.ip("link", "add", "wan-c", "type", "veth", "peer", "name", "other");
    for (const name of ["other", "wan-c"]) await networks.host.ip("link", "set", name, "up");
    await networks.host.ip("address", "add", "10.0.3.2/24", "dev", "wan-c");
    await networks.host.ip("route", "add", "default", "via", "10.0.3.1", "metric", "50");
    try {
      {
        await using host = hosts.open(online("/only-A"));
        await host.services("wan-c ready, wan-a online, wan-b ready");
      }
      {
        await using host = hosts.open(online("/only-B"));
        await host.services("wan-c ready, wan-a ready, wan-b online");
      }
      // The rule of the check of the dead service remains if the process is killed.
      await networks.host.ip("route", "add", "default", "via", "10.0.3.1", "metric", "300");
      await networks.host.ip("route", "delete", "default", "via", "10.0.3.1", "metric", "50");
      const killed = new HostProcess(networks.host);
      killed.open(online("/only-A"));
      await expect.poll(checkRules).toContain("from 10.0.3.2");
      await killed.crash();
      await using next = hosts.open();
      await next.services("wan-a ready, wan-b ready, wan-c ready");
    } finally {
      await networks.host.ip("link", "delete", "wan-c");
    }
    expect(await checkRules()).toBe(before);
  });

  it("finds several services online, and one that is plugged in a second time", async () => {
    await using host = hosts.open(online("/"));
    await host.services("wan-a online, wan-b online");
    await networks.plug("a", false);
    await host.services("wan-a idle, wan-b online");
    await networks.plug("a", true);
    await host.services("wan-a online, wan-b online");
  });

  it.skipIf(!existsSync("/usr/bin/python3"))(
    "serves sessions over a tunnel without gateway, as WireGuard and PPP",
    async () => {
      await using _ = await networks.tunnel();
      const { interface: name, ipv4 } = TUNNEL;
      await networks.host.ip("route", "add", "default", "dev", name, "metric", "300");
      const bearers = { "wan-*": "ethernet", [name]: "vpn" } as const;
      await using host = hosts.open({ bearers, ...online("/only-B") });
      const [, , tunnel] = await host.services("wan-a ready, wan-b online, tun0 online");
      expect(tunnel).toMatchObject({ id: "vpn__74756e30", name: "VPN", bearer: "vpn", ipv4: { address: ipv4 } });
      expect(tunnel?.ipv4.gateway).toBeUndefined();
      await host.apply([{ mark: 256, owner: { uid: 2000 }, sourceIPRule: false, interface: name }]);
      expect(await networks.greet({ uid: 2000 })).toBe(`B sees ${ipv4}`);
      await networks.host.ip("link", "set", name, "down");
      await host.services("wan-a ready, wan-b online, tun0 idle");
    },
  );

  it("takes a service with a default route as online if that is assumed", async () => {
    await networks.host.ip("route", "delete", "default", "dev", "wan-b");
    await networks.host.ip("-6", "route", "delete", "default", "dev", "wan-b");
    await networks.host.ip("route", "add", "default", "dev", "wan-b", "metric", "200");
    await using host = hosts.open({ online: "assume" });
    await host.services("wan-a online, wan-b online");
    await networks.host.ip("route", "delete", "default", "dev", "wan-b");
    await host.services("wan-a online, wan-b ready");
    await networks.turn("b", false);
    await networks.turn("b", true);
  });
});

describe("a machine without ip", () => {
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.useRealTimers();
  });

  it("is reported by the network and by the monitor", async () => {
    vi.stubEnv("PATH", "/nonexistent");
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    await expect(LinuxNetwork.open()).rejects.toThrow("ip -json -details -batch -: spawn ip ENOENT");
    const error = await new Promise((resolve) => {
      const monitor = new IpMonitor({
        onChange: vi.fn(),
        isRelevant: () => true,
        onError: (failure) => void monitor.close().then(() => resolve(failure)),
      });
    });
    expect(error).toBeInstanceOf(CommandError);
    expect(String(error)).toBe("CommandError: ip -N monitor label link address route: spawn ip ENOENT");
    // The monitor was closed, so it is not restarted.
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("the online check", () => {
  const loopback = { family: 4, interface: "lo", address: "127.0.0.1", gateway: undefined } as const;
  it.each<[boolean, string, number, Record<string, string>]>([
    [true, "the expected response", 200, { "X-ConnMan-Status": "online" }],
    [false, "another page", 200, {}],
    [false, "another status", 200, { "X-ConnMan-Status": "offline" }],
    [false, "a redirect to a login page", 302, { "X-ConnMan-Status": "online", Location: "http://login.example/" }],
  ])("is %s for %s", async (expected, _case, status, headers) => {
    const server = createServer((_request, response) => response.writeHead(status, headers).end());
    await once(server.listen(0, "127.0.0.1"), "listening");
    const check = { ...CONNMAN_ONLINE_CHECK, url: `http://127.0.0.1:${portOf(server)}/` };
    const { signal } = new AbortController();
    expect(await isOnline(check, loopback, new CheckRoutes(), signal)).toBe(expected);
    expect(await isOnline(check, loopback, new CheckRoutes(), AbortSignal.abort())).toBe(false);
    server.close();
    await once(server, "close");
    expect(await isOnline(check, loopback, new CheckRoutes(), signal)).toBe(false);
  });
});

const READ_LINKS = "ip -json -details -batch -";
const READ_ROUTES_6 = "ip -json -6 route show table main";

/** Returns the process ids of the running `ip monitor` commands in a namespace. */
async function monitorsIn(namespace: Namespace): Promise<readonly number[]> {
  const processes = (await namespace.run("ip", "netns", "pids", namespace.name)).trim().split("\n");
  const commands = processes.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => ""));
  const areMonitors = (await Promise.all(commands)).map((command) => command.startsWith("ip\0-N\0monitor"));
  return processes.filter((_pid, index) => areMonitors[index]).map(Number);
}

/**
 * Starts a process of hosts whose commands are logged. Returns the process, and a function that returns the commands
 * since its last call.
 */
async function loggedCommands(namespace: Namespace, blocked = "none") {
  const folder = await mkdtemp(join(tmpdir(), "commands-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const log = join(folder, "log");
  const block = join(folder, "block");
  const path = process.env["PATH"];
  for (const program of ["ip", "nft"]) {
    const wait = `case "$*" in *${blocked}*) while test -e ${block}; do sleep 0.02; done;; esac`;
    const script = `#!/bin/sh\n${wait}\necho "${program} $*" >>${log}\nexec "$(PATH=${path}; command -v ${program})" "$@"\n`;
    await writeFile(join(folder, program), script, { mode: 0o755 });
  }
  vi.stubEnv("PATH", `${folder}:${path}`);
  const logged = new HostProcess(namespace);
  vi.unstubAllEnvs();
  const take = async (): Promise<readonly string[]> => {
    const commands = await readFile(log, "utf8");
    await writeFile(log, "");
    return commands.trim().split("\n");
  };
  return {
    process: logged,
    take,
    /** Makes commands wait if their arguments contain a text. Returns a function that lets them continue. */
    block: async () => {
      await writeFile(block, "");
      return () => rm(block);
    },
  };
}

function portOf(server: Server): number {
  const address = server.address();
  return address === null || typeof address === "string" ? 0 : address.port;
}
