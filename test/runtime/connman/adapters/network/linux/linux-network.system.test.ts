import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { CommandError } from "../../../../../../runtime/connman/adapters/linux/command.ts";
import { IpMonitor } from "../../../../../../runtime/connman/adapters/linux/ip-monitor.ts";
import { LinuxNetwork } from "../../../../../../runtime/connman/adapters/network/linux/linux-network.ts";
import {
  CONNMAN_ONLINE_CHECK,
  isOnline,
} from "../../../../../../runtime/connman/adapters/network/linux/online-check.ts";
import { OnlineWatch } from "../../../../../../runtime/connman/adapters/network/linux/online-watch.ts";
import type { NetworkService } from "../../../../../../runtime/connman/policy/service.ts";
import { LINKS, type Networks, SERVER, startNetworks, whyNoNamespaces } from "../../../namespaces.ts";
import { Host } from "../../../namespaces-host.ts";

const missing = whyNoNamespaces();

describe.skipIf(missing !== undefined)(`a host of two networks${missing ? ` (skipped: ${missing})` : ""}`, () => {
  let networks: Networks;

  beforeAll(async () => {
    networks = await startNetworks();
  });
  afterAll(() => networks[Symbol.asyncDispose]());

  it("has a service for each link", async () => {
    await using host = new Host(networks.host);
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

  it("reports cables and interfaces that go down and come up", async () => {
    await using host = new Host(networks.host);
    await host.services("wan-a ready, wan-b ready");
    await networks.plug("a", false);
    await host.services("wan-a idle, wan-b ready");
    await networks.plug("a", true);
    await host.services("wan-a ready, wan-b ready");
    await networks.turn("a", false);
    // Its default route went with it.
    await host.services("wan-b ready, wan-a idle");
    await networks.turn("a", true);
    await host.services("wan-a ready, wan-b ready");
  });

  it("switches interfaces off and on where it may", async () => {
    await using host = new Host(networks.host);
    const [a] = await host.services("wan-a ready, wan-b ready");
    host.order({ disconnect: a?.id ?? "" });
    await host.services("wan-b ready, wan-a idle");
    host.order({ connect: a?.id ?? "" });
    // It still has its address, but its default route is the business of others.
    await host.services("wan-b ready, wan-a ready");
    await networks.turn("a", true);
    await host.services("wan-a ready, wan-b ready");
  });

  it("sees links that come and go", async () => {
    await using host = new Host(networks.host);
    await host.services("wan-a ready, wan-b ready");
    await networks.host.ip("link", "add", "wan-c", "type", "veth", "peer", "name", "other");
    await host.services("wan-a ready, wan-b ready, wan-c idle");
    await networks.host.ip("link", "delete", "wan-c");
    await host.services("wan-a ready, wan-b ready");
  });

  it("goes on when its monitor is killed", async () => {
    await using host = new Host(networks.host);
    await host.services("wan-a ready, wan-b ready");
    const processes = (await networks.host.run("ip", "netns", "pids", networks.host.name)).trim().split("\n");
    const commands = await Promise.all(
      processes.map((pid) => networks.host.run("cat", `/proc/${pid}/cmdline`).catch(() => "")),
    );
    const monitor = processes[commands.findIndex((command) => command.startsWith("ip\0monitor"))];
    process.kill(Number(monitor), "SIGKILL");
    await networks.host.ip("link", "add", "wan-c", "type", "veth", "peer", "name", "other");
    await host.services("wan-a ready, wan-b ready, wan-c idle");
    await networks.host.ip("link", "delete", "wan-c");
    await host.services("wan-a ready, wan-b ready");
  });

  it("finds out who is online by asking from the address of each service", async () => {
    await using host = new Host(networks.host, `http://${SERVER.ipv4}:${SERVER.httpPort}/`);
    // Both questions go over A, as nothing is there to lead them by their address, and only A knows where A is.
    await host.services("wan-a online, wan-b ready");
    await host.apply([{ mark: 256, owner: undefined, sourceIPRule: true, interface: LINKS.b.interface }]);
    await host.services("wan-a online, wan-b online");
    await networks.plug("a", false);
    await host.services("wan-a idle, wan-b online");
    await networks.plug("a", true);
    await host.services("wan-a online, wan-b online");
  });
});

describe("a machine without ip", () => {
  afterEach(() => vi.unstubAllEnvs());

  it("is reported by the network and by the monitor", async () => {
    vi.stubEnv("PATH", "/nonexistent");
    await expect(LinuxNetwork.open()).rejects.toThrow("ip -json -details address show: spawn ip ENOENT");
    const error = await new Promise((resolve) => {
      const monitor = new IpMonitor({
        onChange: vi.fn(),
        onError: (told) => void monitor.close().then(() => resolve(told)),
      });
    });
    expect(error).toBeInstanceOf(CommandError);
    expect(String(error)).toBe("CommandError: ip monitor link address route: spawn ip ENOENT");
  });
});

const service = (address: string): NetworkService => ({
  id: "ethernet_1_cable",
  name: "Wired",
  bearer: "ethernet",
  interface: "eth0",
  state: "ready",
  ipv4: { address },
  ipv6: {},
  autoConnect: true,
  roaming: "home",
});

describe("the question of being online", () => {
  const loopback = { ipv4: { address: "127.0.0.1" } };
  it.each<[boolean, string, number, Record<string, string>]>([
    [true, "the right answer", 200, { "X-ConnMan-Status": "online" }],
    [false, "somebody else's page", 200, {}],
    [false, "another status", 200, { "X-ConnMan-Status": "offline" }],
    [false, "the way to a login page", 302, { "X-ConnMan-Status": "online", Location: "http://login.example/" }],
  ])("has the answer %s for %s", async (expected, _what, status, headers) => {
    const server = createServer((_request, response) => response.writeHead(status, headers).end());
    await once(server.listen(0, "127.0.0.1"), "listening");
    const check = { ...CONNMAN_ONLINE_CHECK, url: `http://127.0.0.1:${portOf(server)}/` };
    const { signal } = new AbortController();
    expect(await isOnline(check, { ...service("192.0.2.1"), ...loopback }, signal)).toBe(expected);
    server.close();
    await once(server, "close");
    expect(await isOnline(check, { ...service("192.0.2.1"), ...loopback }, signal)).toBe(false);
    expect(await isOnline(check, { ...service("192.0.2.1"), ipv4: {} }, signal)).toBe(false);
  });
});

function portOf(server: Server): number {
  const address = server.address();
  return address === null || typeof address === "string" ? 0 : address.port;
}

describe("being online", () => {
  afterEach(() => vi.useRealTimers());

  it("is checked at growing intervals until it succeeds, and from the start after the address changes", async () => {
    vi.useFakeTimers();
    const begin = Date.now();
    const asked: string[] = [];
    let reachable = false;
    const watch = new OnlineWatch(
      async ({ ipv4 }) => {
        asked.push(`${(Date.now() - begin) / 1_000} s ${ipv4.address}`);
        return reachable;
      },
      () => asked.push("online"),
    );
    watch.update([service("192.0.2.1")]);
    await vi.advanceTimersByTimeAsync(6_000);
    reachable = true;
    await vi.advanceTimersByTimeAsync(60_000);
    watch.update([service("192.0.2.1")]);
    expect(watch.isOnline("ethernet_1_cable")).toBe(true);
    watch.update([service("192.0.2.2")]);
    expect(watch.isOnline("ethernet_1_cable")).toBe(false);
    watch.close();
    expect(asked).toEqual([
      "0 s 192.0.2.1",
      "1 s 192.0.2.1",
      "5 s 192.0.2.1",
      "14 s 192.0.2.1",
      "online",
      "66 s 192.0.2.2",
    ]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
