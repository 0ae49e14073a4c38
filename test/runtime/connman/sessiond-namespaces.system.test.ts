import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bus, connect } from "@dbus-codegen-ts/runtime";
import { ManagerClient } from "@dbus-codegen-ts/stubs/net.connman.Manager";
import { NotificationService } from "@dbus-codegen-ts/stubs/net.connman.Notification";
import { SessionClient, type SessionSettings } from "@dbus-codegen-ts/stubs/net.connman.Session";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type PrivateBus, startPrivateBus } from "../../setup/private-bus.ts";
import { kill, LINKS, type Networks, SERVER, startNetworks, whyNoNamespaces } from "./namespaces.ts";

/**
 * The whole service on a real network: the program in a network namespace with two links, applications on a bus, and a TCP
 * server with the same address behind each link, which reports the name of its network.
 */
const missing =
  whyNoNamespaces() ??
  (spawnSync("/usr/bin/python3", ["-c", "import dbus"]).status === 0 ? undefined : "not installed: python3-dbus");

/** Users of every Debian system: the bus requires the groups of its clients. */
const FIRST = { name: "games", uid: 5 };
const SECOND = { name: "nobody", uid: 65_534 };

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

  beforeAll(async () => {
    networks = await startNetworks();
    daemon = await startPrivateBus({ everyUser: true });
    policies = await mkdtemp(join(tmpdir(), "policies-"));
    await writeFile(join(policies, "apps.policy"), `[one]\nuid = ${FIRST.name}\n\n[other]\nuid = ${SECOND.name}\n`);
    client = await connect({ bus: daemon.address });
    before = await system();
    service = await start("--policy-dir", policies, "--routing", "--online", "none");
  });
  afterAll(async () => {
    await client?.close();
    await daemon?.stop();
    await networks?.[Symbol.asyncDispose]();
    await rm(policies, { recursive: true, force: true });
  });

  const start = async (...flags: readonly string[]): Promise<ChildProcess> => {
    const common = ["--bus", daemon.address, "--network", "linux", "--bearer", "wan-*=ethernet"];
    const process = networks.host.start("sessiond.ts", ...common, ...flags);
    if (process.stdout !== null) await once(process.stdout, "data");
    return process;
  };

  /** Returns the rules, routes and firewall of the host. */
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
    await expect.poll(() => received.interface, { timeout: 5000 }).toBe(LINKS.b.interface);
    expect(received).toMatchObject({ state: "connected", ipv4: { address: LINKS.b.ipv4 } });
    await networks.plug("a", true);
    await networks.plug("b", false);
    await expect.poll(() => received.interface, { timeout: 5000 }).toBe(LINKS.a.interface);
    await networks.plug("b", true);
    await session.destroy();
  });

  test("a process of one user reaches server A, one of another user server B", async () => {
    const users = [
      await foreignSession(daemon.address, FIRST.uid, LINKS.a.interface),
      await foreignSession(daemon.address, SECOND.uid, LINKS.b.interface),
    ];
    await expect.poll(() => networks.greet({ uid: FIRST.uid }), { timeout: 5000 }).toBe(`A sees ${LINKS.a.ipv4}`);
    await expect.poll(() => networks.greet({ uid: SECOND.uid }), { timeout: 5000 }).toBe(`B sees ${LINKS.b.ipv4}`);
    // The sessions of the users end with their processes.
    for (const user of users) user.kill("SIGKILL");
    await expect.poll(system, { timeout: 5000 }).toEqual(before);
    expect(await networks.greet({ uid: SECOND.uid })).toBe(`A sees ${LINKS.a.ipv4}`);
  });

  test("two sessions of one process are routed by source address, for its user only", async () => {
    const before = await networks.greet({ uid: SECOND.uid, from: LINKS.b.ipv4 });
    expect(before).not.toContain("B sees");
    for (const side of ["a", "b"] as const) {
      const { received } = await create(`/${side}`, { allowedInterface: LINKS[side].interface, sourceIPRule: true });
      await expect.poll(() => received.interface).toBe(LINKS[side].interface);
    }
    await expect.poll(() => networks.greet({ from: LINKS.a.ipv4 })).toBe(`A sees ${LINKS.a.ipv4}`);
    await expect.poll(() => networks.greet({ from: LINKS.b.ipv4 })).toBe(`B sees ${LINKS.b.ipv4}`);
    expect(await networks.greet({ uid: SECOND.uid, from: LINKS.b.ipv4 })).toBe(before);
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
    const user = await foreignSession(daemon.address, SECOND.uid, LINKS.b.interface);
    await expect.poll(() => networks.greet({ uid: SECOND.uid }), { timeout: 5000 }).toBe(`B sees ${LINKS.b.ipv4}`);
    await kill(killed);
    user.kill("SIGKILL");
    expect(await system()).not.toEqual(before);
    const next = await start("--online", "none", ...flags);
    expect(await system()).toEqual(before);
    await kill(next);
  });

  test("Connect brings up an interface that is off, for as long as the session needs it", async () => {
    await networks.turn("a", false);
    await networks.turn("b", false);
    const running = await start("--online", `http://${SERVER.ipv4}:${SERVER.httpPort}/`);
    const { received, session } = await create("/raises", {});
    await expect.poll(() => received.state).toBe("disconnected");
    await session.connect();
    await expect.poll(() => received.state, { timeout: 5000 }).toBe("connected");
    // What a DHCP client would do.
    await networks.turn("a", true);
    await expect.poll(() => received.state, { timeout: 5000 }).toBe("online");
    expect(await networks.greet({ uid: 0 })).toBe(`A sees ${LINKS.a.ipv4}`);
    await session.destroy();
    await expect.poll(() => networks.host.ip("link", "show", "wan-a"), { timeout: 5000 }).toContain("state DOWN");
    await kill(running);
    await networks.turn("a", true);
    await networks.turn("b", true);
  });
});

/** Creates a session of another user on one interface, with dbus-python. */
async function foreignSession(address: string, uid: number, name: string): Promise<ChildProcess> {
  const program = `
import dbus.bus, time
bus = dbus.bus.BusConnection("${address}")
manager = dbus.Interface(bus.get_object("net.connman", "/"), "net.connman.Manager")
print(manager.CreateSession({"AllowedInterface": "${name}"}, dbus.ObjectPath("/n")), flush=True)
time.sleep(60)
`;
  const args = [`--reuid=${uid}`, `--regid=${uid}`, "--clear-groups", "/usr/bin/python3", "-c", program];
  const child = spawn("setpriv", args, { stdio: ["ignore", "pipe", "inherit"] });
  await Promise.race([once(child.stdout, "data"), once(child, "close")]);
  return child;
}
