import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { NetworkService } from "../../../../../../runtime/connman/policy/service.ts";
import { programArguments } from "../../../../../setup/program.ts";
import { createCgroups, LINKS, type Networks, SERVER, startNetworks, whyNoNamespaces } from "../../../namespaces.ts";
import { type Host, HostProcess } from "../../../namespaces-host.ts";
import type { RouteArgument } from "../../../programs/host.ts";

const missing = whyNoNamespaces();
const cgroups = missing ?? (await createCgroups());
const BOTH = "wan-a ready, wan-b ready";

/** Returns whether all services have addresses and gateways of both families, which appear one after another. */
function areComplete(services: readonly NetworkService[]): boolean {
  return services.every(({ ipv4, ipv6 }) =>
    [ipv4, ipv6].every(({ address, gateway }) => address !== undefined && gateway !== undefined),
  );
}

/** Sessions of user 2000 over network A, and of user 2001 and group 3001 over network B. */
const OWNERS: readonly RouteArgument[] = [
  { mark: 256, owner: { uid: 2000 }, sourceIPRule: false, interface: "wan-a" },
  { mark: 257, owner: { uid: 2001 }, sourceIPRule: false, interface: "wan-b" },
  { mark: 258, owner: { gid: 3001 }, sourceIPRule: false, interface: "wan-b" },
];

describe.skipIf(missing !== undefined)(`sessions over two networks${missing ? ` (skipped: ${missing})` : ""}`, () => {
  let networks: Networks;
  /** The process in which the hosts of most tests run. */
  let hosts: HostProcess;
  /** The host of most tests. After each of these tests, it has no routes. */
  let host: Host;
  /** The answer that a user without a session gets when connecting from the address of network B. */
  let fromB: string;

  beforeAll(async () => {
    networks = await startNetworks();
    hosts = new HostProcess(networks.host);
    [host, fromB] = await Promise.all([openHost(), networks.greet({ uid: 2001, from: LINKS.b.ipv4 })]);
  });
  beforeEach(() => host.services(BOTH, areComplete));
  afterEach(() => host.apply([]));
  afterAll(async () => {
    await hosts[Symbol.asyncDispose]();
    await networks[Symbol.asyncDispose]();
    if (typeof cgroups !== "string") await cgroups[Symbol.asyncDispose]();
  });

  const openHost = async (process: HostProcess = hosts): Promise<Host> => {
    const host = process.open();
    await host.services(BOTH, areComplete);
    return host;
  };

  /** Starts a process that can crash, with a host whose routes are applied. */
  const startHost = async (routes: readonly RouteArgument[]): Promise<HostProcess> => {
    const crashing = new HostProcess(networks.host);
    const host = await openHost(crashing);
    await host.apply(routes);
    return crashing;
  };

  /** Returns the rules, routes and firewall of the host as the system prints them. */
  const system = async (): Promise<Record<string, string>> => ({
    rules: (await networks.host.ip("rule")) + (await networks.host.ip("-6", "rule")),
    routes: await networks.host.ip("route", "show", "table", "all", "proto", "213"),
    routes6: await networks.host.ip("-6", "route", "show", "table", "all", "proto", "213"),
    firewall: await networks.host.run("nft", "list", "ruleset"),
  });

  describe("routes traffic by owner", () => {
    it.each([
      ["no owner", {}, "A sees 10.0.1.2"],
      ["a user over A", { uid: 2000 }, "A sees 10.0.1.2"],
      ["a user over B", { uid: 2001 }, "B sees 10.0.2.2"],
      ["a group over B", { gid: 3001 }, "B sees 10.0.2.2"],
      ["a user in the group", { uid: 2000, gid: 3001 }, "A sees 10.0.1.2"],
      ["no owner, IPv6", { to: SERVER.ipv6 }, "A sees 2001:db8:a::2"],
      ["a user over B, IPv6", { uid: 2001, to: SERVER.ipv6 }, "B sees 2001:db8:b::2"],
    ])("%s", async (_case, options, expected) => {
      await host.apply(OWNERS);
      expect(await networks.greet(options)).toBe(expected);
    });
  });

  it("routes connections by their source address", async () => {
    await host.apply([
      { mark: 256, owner: undefined, user: 0, sourceIPRule: true, interface: "wan-a" },
      { mark: 257, owner: undefined, user: 0, sourceIPRule: true, interface: "wan-b" },
    ]);
    expect(await Promise.all([LINKS.a, LINKS.b].map(({ ipv4 }) => networks.greet({ from: ipv4 })))).toEqual([
      "A sees 10.0.1.2",
      "B sees 10.0.2.2",
    ]);
    expect(await networks.greet({ to: SERVER.ipv6, from: LINKS.b.ipv6 })).toBe("B sees 2001:db8:b::2");
    expect(await networks.greet()).toBe("A sees 10.0.1.2");
  });

  it("routes connections by their source address for the user of the session only", async () => {
    const from = LINKS.b.ipv4;
    expect(fromB).not.toContain("B sees");
    const session = { owner: undefined, user: 2000, sourceIPRule: true, interface: "wan-b" };
    await host.apply([
      { ...session, mark: 256 },
      { ...session, mark: 257, user: undefined },
    ]);
    const clients = [{ uid: 2000, from }, { uid: 2001, from }, { uid: 2001 }];
    const greetings = await Promise.all(clients.map((client) => networks.greet(client)));
    expect(greetings).toEqual(["B sees 10.0.2.2", fromB, "A sees 10.0.1.2"]);
    expect(await networks.host.ip("rule", "show", "priority", "20001")).toMatch(
      /^20001:\tfrom 10\.0\.2\.2 uidrange 2000-2000 lookup 256 proto 213\s*$/,
    );
  });

  it("shares one rule and one table among 2,000 sessions of a user", async () => {
    const marks = Array.from({ length: 2000 }, (_, index) => 256 + index);
    const session = { owner: undefined, user: 2000, sourceIPRule: true, interface: "wan-b" };
    await host.apply(marks.map((mark) => ({ ...session, mark })));
    const rules = await networks.host.ip("rule", "show", "priority", "20001");
    expect(rules.trim().split("\n")).toHaveLength(1);
    // The oldest session ends.
    await host.apply(marks.slice(1).map((mark) => ({ ...session, mark })));
    expect(await networks.greet({ uid: 2000, from: LINKS.b.ipv4 })).toBe("B sees 10.0.2.2");
    expect(await networks.host.ip("rule", "show", "priority", "20001")).toContain("lookup 257");
  });

  it("routes connections of one user by their source address", async () => {
    await host.apply([
      { mark: 256, owner: { uid: 2000 }, sourceIPRule: true, interface: "wan-b" },
      { mark: 257, owner: { uid: 2000 }, sourceIPRule: false, interface: "wan-a" },
    ]);
    expect(await networks.greet({ uid: 2000 })).toBe("A sees 10.0.1.2");
    expect(await networks.greet({ uid: 2000, from: LINKS.b.ipv4 })).toBe("B sees 10.0.2.2");
  });

  it("resets connections of a session whose service changes, and routes new ones over the new service", async () => {
    const session = { mark: 256, owner: { uid: 2000 }, sourceIPRule: false };
    await host.apply([{ ...session, interface: "wan-b" }]);
    const send = await openConnection(2000);
    expect(await send()).toBe("still here");
    await host.apply([{ ...session, interface: "wan-a" }]);
    expect(await send()).toBe("ECONNRESET");
    expect(await networks.greet({ uid: 2000 })).toBe("A sees 10.0.1.2");
  });

  it("keeps connections from before the session", async () => {
    const send = await openConnection(2000);
    await host.apply([{ mark: 256, owner: { uid: 2000 }, sourceIPRule: false, interface: "wan-b" }]);
    expect(await send()).toBe("still here");
    expect(await networks.greet({ uid: 2000 })).toBe("B sees 10.0.2.2");
  });

  it("refuses connections of an address family that the service does not have", async () => {
    await networks.host.ip("address", "delete", `${LINKS.b.ipv6}/64`, "dev", LINKS.b.interface);
    try {
      await host.services(BOTH, (services) => services.every(({ ipv6 }) => ipv6.address !== LINKS.b.ipv6));
      await host.apply(OWNERS);
      expect(await networks.greet({ uid: 2001, to: SERVER.ipv6 })).toBe("ECONNREFUSED");
      expect(await networks.greet({ uid: 2001 })).toBe("B sees 10.0.2.2");
    } finally {
      await networks.turn("b", false);
      await networks.turn("b", true);
    }
  });

  it("sends no traffic over another service after the service is lost", async () => {
    await host.apply(OWNERS);
    // The kernel removes the routes of an interface that is switched off from all tables.
    await networks.turn("b", false);
    try {
      const greetings = [SERVER.ipv4, SERVER.ipv6].map((to) => networks.greet({ uid: 2001, to, tries: 1 }));
      expect(await Promise.all(greetings)).toEqual(["timeout", "timeout"]);
    } finally {
      await networks.turn("b", true);
    }
  });

  it("restores routes that the kernel removes together with an address", async () => {
    await host.apply(OWNERS);
    const { interface: name, ipv4, metric } = LINKS.b;
    await networks.host.ip("address", "delete", `${ipv4}/24`, "dev", name);
    await networks.host.ip("address", "add", `${ipv4}/24`, "dev", name);
    await networks.host.ip("route", "add", "default", "via", "10.0.2.1", "metric", `${metric}`);
    await expect.poll(() => networks.greet({ uid: 2001 })).toBe("B sees 10.0.2.2");
  });

  it("applies the routes of the last of many calls", async () => {
    const overA = OWNERS.map((route) => ({ ...route, interface: "wan-a" }));
    await Promise.all([OWNERS, [], overA, [], OWNERS, overA].map((routes) => host.apply(routes)));
    expect(await networks.greet({ uid: 2001 })).toBe("A sees 10.0.1.2");
  });

  it("restores the system", async () => {
    const before = await system();
    {
      await using host = await openHost();
      await host.apply(OWNERS);
      expect(await system()).not.toEqual(before);
      await host.apply([]);
      expect(await system()).toEqual(before);
      await host.apply(OWNERS);
    }
    expect(await system()).toEqual(before);
    expect(before).toMatchObject({ routes: "", routes6: "", firewall: "" });
  });

  it("removes the routes of a process that crashed", async () => {
    const before = await system();
    const crashed = await startHost(OWNERS);
    await crashed.crash();
    expect(await system()).not.toEqual(before);
    await using host = await openHost();
    await host.apply([]);
    expect(await system()).toEqual(before);
  });

  it("leaves nothing to remove for a process without permissions, or reports it", async () => {
    const program = fileURLToPath(new URL("../../../programs/remove-left-routing.ts", import.meta.url));
    const removeWithoutPermission = () => {
      const limits = ["--bounding-set", "-net_admin", "--inh-caps", "-net_admin"];
      return networks.host.run("setpriv", ...limits, process.execPath, ...programArguments(program));
    };
    expect(await removeWithoutPermission()).toBe("done");
    const crashed = await startHost(OWNERS);
    await crashed.crash();
    expect(await removeWithoutPermission()).toMatch(/^CommandError: nft -f -: .*Operation not permitted/);
    await using host = await openHost();
    await host.apply([]);
  });

  it("reports the error of the kernel, and starts with an empty system after it", async () => {
    await host.apply(OWNERS);
    await networks.host.ip("rule", "flush", "protocol", "213");
    await expect(host.apply([])).rejects.toThrow(/^CommandError: ip -4 -batch -: RTNETLINK answers: No such file/);
    await host.apply(OWNERS);
    expect(await networks.greet({ uid: 2001 })).toBe("B sees 10.0.2.2");
  });

  describe("a user or group that may send nothing without a service", () => {
    const blocked = { mark: 256, owner: { uid: 2000 }, sourceIPRule: false, blocksWithoutService: true } as const;

    it.each([
      ["a user", { owner: { uid: 2000 } }, { uid: 2000 }, "ENETUNREACH"],
      ["a group", { owner: { gid: 3001 } }, { uid: 2005, gid: 3001 }, "ECONNREFUSED"],
      ["root", { owner: { uid: 0 } }, { uid: 0 }, "ECONNREFUSED"],
    ])("is blocked while no session has one: %s", async (_case, change, client, error) => {
      await host.apply([{ ...blocked, ...change }]);
      expect(await networks.greet(client)).toBe(error);
      expect(await networks.greet({ ...client, to: SERVER.ipv6 })).toBe(error);
      expect(await networks.greet({ uid: 2001 })).toBe("A sees 10.0.1.2");
      await host.apply([{ ...blocked, ...change, interface: "wan-b" }]);
      expect(await networks.greet(client)).toBe("B sees 10.0.2.2");
      expect(await networks.greet({ ...client, to: SERVER.ipv6 })).toBe("B sees 2001:db8:b::2");
      await host.apply([]);
      expect(await networks.greet(client)).toBe("A sees 10.0.1.2");
    });

    it("sends nothing over connections from before the session, and keeps those to this machine", async () => {
      const server = networks.host.start("greeting-server.ts", "host", "127.0.0.1", "::1", `${SERVER.port}`, "4080");
      if (server.stdout !== null) await once(server.stdout, "data");
      const [before, local] = [await openConnection(2000), await openConnection(2000, "127.0.0.1")];
      await host.apply([blocked]);
      const sent = await countPackets(2000);
      const reply = before();
      expect(await local()).toBe("still here");
      expect(await sent()).toEqual({ a: 0, b: 0 });
      await host.apply([]);
      expect(await reply).toBe("still here");
    });

    it("sends no datagram without a service, nor over another one, at any time", async () => {
      const sentBefore = await countPackets(2000);
      const stopBroadcasts = await startDatagrams("10.0.1.255", 2000);
      await expect.poll(async () => (await sentBefore()).a).toBeGreaterThan(0);
      await host.apply([blocked]);
      const sent = await countPackets(2000);
      for (const to of [SERVER.ipv4, SERVER.ipv6, "224.0.0.251"]) await startDatagrams(to, 2000);
      const service = { ...blocked, interface: "wan-a" };
      await sleep(100);
      expect(await sent()).toEqual({ a: 0, b: 0 });

      await host.apply([service]);
      await expect.poll(async () => (await sent()).a).toBeGreaterThan(0);
      // The service is lost before the session is ended: the kernel removes the routes of the service.
      await networks.plug("a", false);
      await sleep(100);
      await host.apply([blocked]);
      await sleep(100);
      expect((await sent()).b).toBe(0);

      await host.apply([{ ...blocked, interface: "wan-b" }]);
      await expect.poll(async () => (await sent()).b).toBeGreaterThan(0);
      await networks.plug("a", true);
      await host.services(BOTH);
      const { a } = await sent();
      for (let round = 0; round < 5; round++) {
        await host.apply([blocked]);
        await host.apply([{ ...blocked, interface: "wan-b" }]);
      }
      expect((await sent()).a).toBe(a);

      await host.apply([blocked, { mark: 257, owner: { uid: 2001 }, sourceIPRule: false, interface: "wan-a" }]);
      const last = await sent();
      // The rules of the sessions are lost. So the next change fails, and the following change begins with an unknown
      // state.
      await networks.host.ip("rule", "flush", "protocol", "213");
      await expect(host.apply([blocked])).rejects.toThrow("No such file");
      await host.apply([blocked]);
      await stopBroadcasts();
      // Another program removes all firewalls.
      await networks.host.run("nft", "delete", "table", "inet", "dbus_codegen_sessions");
      await sleep(100);
      expect(await sent()).toEqual(last);
    });
  });

  describe("during an emergency call", () => {
    const call = { mark: 256, owner: undefined, user: 2000, sourceIPRule: false, isEmergencyCall: true } as const;

    it("only the caller sends packets, and other connections continue later", async () => {
      const send = await openConnection(2001);
      await host.apply([{ ...call, interface: "wan-a" }]);
      const reply = send();
      const [caller, other, other6] = await Promise.all([
        networks.greet({ uid: 2000 }),
        networks.greet({ uid: 2001 }),
        networks.greet({ uid: 2001, to: SERVER.ipv6 }),
      ]);
      expect([caller, other, other6]).toEqual(["A sees 10.0.1.2", "ECONNREFUSED", "ECONNREFUSED"]);
      expect(await networks.greet({ uid: 2001, to: LINKS.a.ipv4 })).not.toBe("");
      await host.apply([]);
      expect(await reply).toBe("still here");
      expect(await networks.greet({ uid: 2001 })).toBe("A sees 10.0.1.2");
    });

    it("a process that crashes leaves the block to its successor, which removes it", async () => {
      const crashed = await startHost([call]);
      await crashed.crash();
      expect(await networks.greet({ uid: 2001 })).toBe("ECONNREFUSED");
      await using host = await openHost();
      await host.apply([]);
      expect(await networks.greet({ uid: 2001 })).toBe("A sees 10.0.1.2");
    });
  });

  describe.skipIf(typeof cgroups === "string")(
    `control groups${typeof cgroups === "string" ? ` (skipped: ${cgroups})` : ""}`,
    () => {
      it("separate two applications of one user", async () => {
        if (typeof cgroups === "string") return;
        const [one, two, daemon] = [
          await cgroups.add("one.scope"),
          await cgroups.add("two.scope"),
          await cgroups.add("d"),
        ];
        const inGroup = (name: string) => ({
          owner: { uid: 2000, cgroup: `${cgroups.path}/${name}` },
          sourceIPRule: false,
        });
        {
          await using inGroupOfDaemon = new HostProcess(networks.host, daemon);
          const host = await openHost(inGroupOfDaemon);
          await host.apply([
            { ...inGroup("one.scope"), mark: 256, interface: "wan-b" },
            { ...inGroup("two.scope"), mark: 257, blocksWithoutService: true },
            // A group that was removed does not matter.
            { ...inGroup("gone.scope"), mark: 258, interface: "wan-b" },
          ]);
          expect(await networks.greet({ uid: 2000, cgroup: one })).toBe("B sees 10.0.2.2");
          expect(await networks.greet({ uid: 2000, cgroup: one, to: SERVER.ipv6 })).toBe("B sees 2001:db8:b::2");
          expect(await networks.greet({ uid: 2000, cgroup: two })).toBe("ECONNREFUSED");
          expect(await networks.greet({ uid: 2000, cgroup: daemon })).toBe("A sees 10.0.1.2");
          expect(await networks.greet({ uid: 2001, cgroup: one })).toBe("A sees 10.0.1.2");
        }
      });

      it("that cannot be seen are those of the user", async () => {
        await host.apply([{ mark: 256, owner: { uid: 2000, cgroup: "a" }, sourceIPRule: false, interface: "wan-b" }]);
        expect(await networks.greet({ uid: 2000 })).toBe("B sees 10.0.2.2");
      });
    },
  );

  /**
   * Starts to count the datagrams of a user that leave the host. Returns a function that returns the number per
   * network.
   */
  async function countPackets(uid: number): Promise<() => Promise<{ readonly a: number; readonly b: number }>> {
    const chain = "{ type filter hook postrouting priority 300; }";
    await networks.host.run("nft", `table inet test; delete table inet test; add table inet test`);
    await networks.host.run("nft", `add chain inet test sent ${chain}`);
    for (const side of ["a", "b"]) {
      await networks.host.run("nft", `add rule inet test sent oifname wan-${side} meta skuid ${uid} counter`);
    }
    return async () => {
      const rules = await networks.host.run("nft", "list", "chain", "inet", "test", "sent");
      const count = (side: string): number => Number(new RegExp(`wan-${side}.*packets (\\d+)`).exec(rules)?.[1]);
      return { a: count("a"), b: count("b") };
    };
  }

  function startDatagrams(to: string, uid: number): Promise<() => Promise<unknown>> {
    return networks.clients.sendDatagrams(to, { uid, gid: 0 });
  }

  function openConnection(uid: number, to: string = SERVER.ipv4): Promise<() => Promise<string>> {
    return networks.clients.open(to, { uid, gid: 0 });
  }
});
