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

  it("reports cables that are unplugged, interfaces that are switched off, and their return", async () => {
    await using host = new Host(networks.host);
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

  it("switches interfaces off and on if the option is set", async () => {
    await using host = new Host(networks.host);
    const [a] = await host.services("wan-a ready, wan-b ready");
    host.send({ disconnect: a?.id ?? "" });
    await host.services("wan-b ready, wan-a idle");
    host.send({ connect: a?.id ?? "" });
    // It has its address, but other programs configure its default route.
    await host.services("wan-b ready, wan-a ready");
    await networks.turn("a", true);
    await host.services("wan-a ready, wan-b ready");
  });

  it("reports links that are added and removed", async () => {
    await using host = new Host(networks.host);
    await host.services("wan-a ready, wan-b ready");
    await networks.host.ip("link", "add", "wan-c", "type", "veth", "peer", "name", "other");
    await host.services("wan-a ready, wan-b ready, wan-c idle");
    await networks.host.ip("link", "delete", "wan-c");
    await host.services("wan-a ready, wan-b ready");
  });

  it("restarts its monitor after it was killed", async () => {
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

  it("checks from the address of each service whether it is online", async () => {
    await using host = new Host(networks.host, `http://${SERVER.ipv4}:${SERVER.httpPort}/`);
    // Both requests are routed over A without source routing, and only the request from the address of A gets a response.
    await host.services("wan-a online, wan-b ready");
    await host.apply([{ mark: 256, owner: undefined, user: 0, sourceIPRule: true, interface: LINKS.b.interface }]);
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
        onError: (failure) => void monitor.close().then(() => resolve(failure)),
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

describe("the online check", () => {
  const loopback = { ipv4: { address: "127.0.0.1" } };
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

describe("the online watch", () => {
  afterEach(() => vi.useRealTimers());

  it("checks with increasing delays until the service is online, and after a change of the address", async () => {
    vi.useFakeTimers();
    const start = Date.now();
    const log: string[] = [];
    let reachable = false;
    const watch = new OnlineWatch(
      async ({ ipv4 }) => {
        log.push(`${(Date.now() - start) / 1_000} s ${ipv4.address}`);
        return reachable;
      },
      () => log.push("online"),
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
    expect(log).toEqual([
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
