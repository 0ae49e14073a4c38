import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bus, connect } from "@dbus-codegen-ts/runtime";
import { ManagerClient } from "@dbus-codegen-ts/stubs/net.connman.Manager";
import { NotificationService } from "@dbus-codegen-ts/stubs/net.connman.Notification";
import { SessionClient, type SessionSettings } from "@dbus-codegen-ts/stubs/net.connman.Session";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type PrivateBus, startPrivateBus } from "../../setup/private-bus.ts";
import { createCgroups, kill, LINKS, type Networks, SERVER, startNetworks, whyNoNamespaces } from "./namespaces.ts";

/**
 * Reason why these tests cannot run; undefined if they can. They test the program on a real network: it runs in a
 * network namespace with two links, and applications use it over a bus. Behind each link there is a TCP server. Both
 * servers have the same address, and report the name of their network.
 */
const missing =
  whyNoNamespaces() ??
  (spawnSync("/usr/bin/python3", ["-c", "import dbus"]).status === 0 ? undefined : "not installed: python3-dbus");

/** Users that every Debian system has. The bus looks up the groups of its clients, so the users must exist. */
const FIRST = { name: "games", uid: 5 };
const SECOND = { name: "nobody", uid: 65_534 };

const on = (name: string) => ({ AllowedInterface: `"${name}"` });

/** An application that merges its Updates. */
class Application extends NotificationService {
  readonly received: SessionSettings = {};

  update(settings: SessionSettings): void {
    Object.assign(this.received, settings);
  }

  release(): void {
    Object.assign(this.received, { state: "released" });
  }
}

describe.skipIf(missing !== undefined)(`sessions on a real network${missing ? ` (skipped: ${missing})` : ""}`, () => {
  let networks: Networks;
  let daemon: PrivateBus;
  let policies: string;
  let client: Bus;
  let service: ChildProcess;
  let before: Record<string, string>;
  /** The answer that the second user gets without a session when connecting from the address of network B. */
  let fromB: string;

  beforeAll(async () => {
    [networks, daemon] = await Promise.all([startNetworks(), startPrivateBus({ everyUser: true })]);
    policies = await mkdtemp(join(tmpdir(), "policies-"));
    await writeFile(join(policies, "apps.policy"), `[one]\nuid = ${FIRST.name}\n\n[other]\nuid = ${SECOND.name}\n`);
    client = await connect({ bus: daemon.address });
    before = await system();
    [service, fromB] = await Promise.all([
      start("--policy-dir", policies, "--routing", "--online", "none"),
      networks.greet({ uid: SECOND.uid, from: LINKS.b.ipv4 }),
    ]);
  });
  afterAll(async () => {
    await client?.close();
    await daemon?.stop();
    await networks?.[Symbol.asyncDispose]();
    await rm(policies, { recursive: true, force: true });
  });

  const start = (...flags: readonly string[]): Promise<ChildProcess> => startIn(undefined, ...flags);

  const startIn = async (cgroup: string | undefined, ...flags: readonly string[]): Promise<ChildProcess> => {
    const common = ["--bus", daemon.address, "--network", "linux", "--bearer", "wan-*=ethernet"];
    const process = networks.host.startIn(cgroup, "sessiond.ts", ...common, ...flags);
    if (process.stdout !== null) await once(process.stdout, "data");
    return process;
  };

  /** Returns the rules, routes and firewall of the host as the system prints them. */
  const system = async (): Promise<Record<string, string>> => ({
    rules: (await networks.host.ip("rule")) + (await networks.host.ip("-6", "rule")),
    routes: await networks.host.ip("route", "show", "table", "all", "proto", "213"),
    firewall: await networks.host.run("nft", "list", "ruleset"),
  });

  const create = async (notifier: string, settings: SessionSettings) => {
    const application = new Application();
    await client.serve(notifier, application);
    const manager = new ManagerClient(client, { destination: "net.connman", path: "/" });
    const path = await manager.createSession(settings, notifier);
    return { received: application.received, session: new SessionClient(client, { destination: "net.connman", path }) };
  };

  test("a session changes to the other link when its link goes down", async () => {
    const { received, session } = await create("/moves", {});
    await expect.poll(() => received.interface).toBe(LINKS.a.interface);
    expect(received).toMatchObject({ state: "connected", bearer: "ethernet", ipv4: { address: LINKS.a.ipv4 } });
    await networks.plug("a", false);
    await expect.poll(() => received.interface).toBe(LINKS.b.interface);
    expect(received).toMatchObject({ state: "connected", ipv4: { address: LINKS.b.ipv4 } });
    await networks.plug("a", true);
    await networks.plug("b", false);
    await expect.poll(() => received.interface).toBe(LINKS.a.interface);
    await networks.plug("b", true);
    await session.destroy();
  });

  test("a process of one user reaches server A, one of another user server B", async () => {
    const users = await Promise.all([
      foreignSession(daemon.address, FIRST.uid, on(LINKS.a.interface)),
      foreignSession(daemon.address, SECOND.uid, on(LINKS.b.interface)),
    ]);
    await expect.poll(() => networks.greet({ uid: FIRST.uid })).toBe(`A sees ${LINKS.a.ipv4}`);
    await expect.poll(() => networks.greet({ uid: SECOND.uid })).toBe(`B sees ${LINKS.b.ipv4}`);
    // The sessions of the users end with their processes.
    for (const user of users) user.kill("SIGKILL");
    await expect.poll(system).toEqual(before);
    expect(await networks.greet({ uid: SECOND.uid })).toBe(`A sees ${LINKS.a.ipv4}`);
  });

  test("two sessions of one process are routed by source address, for its user only", async () => {
    expect(fromB).not.toContain("B sees");
    for (const side of ["a", "b"] as const) {
      const { received } = await create(`/${side}`, { allowedInterface: LINKS[side].interface, sourceIPRule: true });
      await expect.poll(() => received.interface).toBe(LINKS[side].interface);
    }
    await expect.poll(() => networks.greet({ from: LINKS.a.ipv4 })).toBe(`A sees ${LINKS.a.ipv4}`);
    await expect.poll(() => networks.greet({ from: LINKS.b.ipv4 })).toBe(`B sees ${LINKS.b.ipv4}`);
    expect(await networks.greet({ uid: SECOND.uid, from: LINKS.b.ipv4 })).toBe(fromB);
  });

  test("the service restores the host when it ends", async () => {
    expect(await system()).not.toEqual(before);
    service.kill("SIGTERM");
    await once(service, "close");
    expect(service.exitCode).toBe(0);
    expect(await system()).toEqual(before);
  });

  test.each([
    ["without routing", []],
    ["with routing", ["--routing"]],
  ])("after the service was killed, the next one removes its rules, %s", async (_case, flags) => {
    const killed = await start("--policy-dir", policies, "--routing", "--online", "none");
    const user = await foreignSession(daemon.address, SECOND.uid, on(LINKS.b.interface));
    await expect.poll(() => networks.greet({ uid: SECOND.uid })).toBe(`B sees ${LINKS.b.ipv4}`);
    await kill(killed);
    user.kill("SIGKILL");
    expect(await system()).not.toEqual(before);
    const next = await start("--online", "none", ...flags);
    expect(await system()).toEqual(before);
    await kill(next);
  });

  test("an application sends nothing from CreateSession on, until its session has a service", async () => {
    const policy = "BlockWithoutService = true\nAllowedBearers = vpn\n";
    await writeFile(join(policies, "apps.policy"), `[one]\nuid = ${FIRST.name}\n${policy}`);
    const flags = ["--policy-dir", policies, "--online", "none", "--bearer", "tun*=vpn"];
    const running = await start(...flags, "--routing");
    const user = await foreignSession(daemon.address, FIRST.uid, {});
    const { uid } = FIRST;
    expect(await networks.greet({ uid })).toBe("ENETUNREACH");
    expect(await networks.greet({ uid, to: SERVER.ipv6 })).toBe("ENETUNREACH");
    expect(await networks.greet({ uid: SECOND.uid })).toBe(`A sees ${LINKS.a.ipv4}`);
    await writeFile(join(policies, "apps.policy"), `[one]\nuid = ${FIRST.name}\nAllowedBearers = ethernet\n`);
    await expect.poll(() => networks.greet({ uid })).toBe(`A sees ${LINKS.a.ipv4}`);
    await writeFile(join(policies, "apps.policy"), `[one]\nuid = ${FIRST.name}\n${policy}`);
    await expect.poll(() => networks.greet({ uid })).toBe("ENETUNREACH");
    // The block ends with the next start.
    await kill(running);
    expect(await networks.greet({ uid })).toBe("ENETUNREACH");
    user.kill("SIGKILL");
    const next = await start(...flags);
    expect(await networks.greet({ uid })).toBe(`A sees ${LINKS.a.ipv4}`);
    const refused = await foreignSession(daemon.address, FIRST.uid, {});
    expect(refused.exitCode).toBe(1);
    await kill(next);
  });

  test("an emergency call blocks all others until it ends, also if the service is killed", async () => {
    await writeFile(join(policies, "apps.policy"), `[one]\nuid = ${FIRST.name}\nEmergencyCall = true\n`);
    const flags = ["--policy-dir", policies, "--online", "assume", "--dialect", "session-2011"];
    const running = await start(...flags, "--routing");
    const reached = `A sees ${LINKS.a.ipv4}`;
    const greetings = () => Promise.all([FIRST, SECOND].map(({ uid }) => networks.greet({ uid })));
    const during = [reached, "ECONNREFUSED"];
    const caller = await foreignSession(daemon.address, FIRST.uid, { EmergencyCall: "True" });
    await expect.poll(greetings).toEqual(during);
    await kill(caller);
    await expect.poll(greetings).toEqual([reached, reached]);
    const second = await foreignSession(daemon.address, FIRST.uid, { EmergencyCall: "True" });
    await expect.poll(greetings).toEqual(during);
    await kill(running);
    expect(await greetings()).toEqual(during);
    const next = await start(...flags);
    expect(await greetings()).toEqual([reached, reached]);
    await kill(second);
    await kill(next);
  });

  test("two applications of one user in different control groups use different links", async ({ skip }) => {
    const cgroups = await createCgroups();
    if (typeof cgroups === "string") return skip(cgroups);
    await using _ = cgroups;
    const folders = [await cgroups.add("d"), await cgroups.add("one.scope"), await cgroups.add("two.scope")] as const;
    await writeFile(join(policies, "apps.policy"), `[one]\nuid = ${FIRST.name}\nSeparateByCgroup = true\n`);
    const running = await startIn(folders[0], "--policy-dir", policies, "--online", "none", "--routing");
    const { uid } = FIRST;
    const users = await Promise.all([
      foreignSession(daemon.address, uid, on(LINKS.a.interface), folders[1]),
      foreignSession(daemon.address, uid, on(LINKS.b.interface), folders[2]),
    ]);
    const greetFrom = (cgroup: string): Promise<string> => networks.greet({ uid, cgroup });
    await expect.poll(() => greetFrom(folders[2])).toBe(`B sees ${LINKS.b.ipv4}`);
    expect(await greetFrom(folders[1])).toBe(`A sees ${LINKS.a.ipv4}`);
    await networks.plug("a", false);
    // Without cable, the first application may use any route of the system; the default route leads to B.
    await expect.poll(() => greetFrom(folders[2])).toBe(`B sees ${LINKS.b.ipv4}`);
    await networks.plug("a", true);
    for (const user of users) await kill(user);
    running.kill("SIGTERM");
    await once(running, "close");
  });

  test("without flags, services are checked with the server of ConnMan, whose name the system resolves", async () => {
    const folder = `/etc/netns/${networks.host.name}`;
    await mkdir(folder, { recursive: true });
    try {
      await writeFile(join(folder, "hosts"), `${SERVER.ipv4} ipv4.connman.net\n${SERVER.ipv6} ipv6.connman.net\n`);
      const running = await start();
      const { received, session } = await create("/online", { allowedInterface: LINKS.b.interface });
      await expect.poll(() => received.state).toBe("online");
      await session.destroy();
      await kill(running);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("Connect brings up an interface that is off, for as long as the session needs it", async () => {
    await networks.turn("a", false);
    await networks.turn("b", false);
    const running = await start("--online", `http://${SERVER.ipv4}:${SERVER.httpPort}/`);
    const { received, session } = await create("/raises", {});
    await expect.poll(() => received.state).toBe("disconnected");
    await session.connect();
    await expect.poll(() => received.state).toBe("connected");
    // Does what a DHCP client would do.
    await networks.turn("a", true);
    await expect.poll(() => received.state).toBe("online");
    expect(await networks.greet({ uid: 0 })).toBe(`A sees ${LINKS.a.ipv4}`);
    await session.destroy();
    await expect.poll(() => networks.host.ip("link", "show", "wan-a")).toContain("state DOWN");
    await kill(running);
    await networks.turn("a", true);
    await networks.turn("b", true);
  });
});

/** Creates a session of another user, who uses dbus-python. The settings are in Python syntax. */
async function foreignSession(
  address: string,
  uid: number,
  settings: Readonly<Record<string, string>>,
  cgroup = "",
): Promise<ChildProcess> {
  const dictionary = Object.entries(settings).map(([name, value]) => `"${name}": ${value}`);
  const program = `
import dbus.bus, time
bus = dbus.bus.BusConnection("${address}")
manager = dbus.Interface(bus.get_object("net.connman", "/"), "net.connman.Manager")
print(manager.CreateSession(dbus.Dictionary({${dictionary}}, "sv"), dbus.ObjectPath("/n")), flush=True)
time.sleep(60)
`;
  const enter = 'test -z "$0" || echo $$ >"$0/cgroup.procs"; exec "$@"';
  const user = ["setpriv", `--reuid=${uid}`, `--regid=${uid}`, "--clear-groups"];
  const args = ["-c", enter, cgroup, ...user, "/usr/bin/python3", "-c", program];
  const child = spawn("sh", args, { stdio: ["ignore", "pipe", "ignore"] });
  await Promise.race([once(child.stdout, "data"), once(child, "close")]);
  return child;
}
