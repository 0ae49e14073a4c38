// Runs the session service in front of Debian's NetworkManager in network namespaces, and prints what was observed.
// Usage: npm run peers -- networkmanager [sessions]

import { strict as assert } from "node:assert";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, Variant } from "@dbus-codegen-ts/runtime";
import { CABLES, COMPLETE } from "../runtime/connman/machine.ts";
import {
  networkManagerVersion,
  profileHead,
  startNetworkManagerMachine,
  whyNoNetworkManager,
} from "../runtime/connman/network-manager-machine.ts";
import { App, type Session } from "../runtime/connman/support.ts";

const TIMEOUT_MS = 30_000;
const PRIVATE_KEY = "QGJ0Zm9yIGEgdGVzdCBvbmx5LCBub3QgYSBrZXkhISE=";

const missing = whyNoNetworkManager();
if (missing !== undefined) {
  process.stdout.write(`skipped: ${missing}\n`);
  process.exit();
}
const sessionCount = Number(process.argv[2] ?? 1000);
const print = (name: string, result: string): void => void process.stdout.write(`${name.padEnd(44)}${result}\n`);

print("NetworkManager", await networkManagerVersion());
await using manager = await startNetworkManagerMachine();
const { machine } = manager;
const complaints = await machine.startSessions("auto");
assert.match(complaints(), /--network auto uses networkmanager/);
print("--network auto", "uses networkmanager");
const app = new App(await connect({ bus: machine.address }));

/** Waits for a condition. Returns the elapsed milliseconds. */
async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<number> {
  const start = performance.now();
  while (!(await condition())) {
    if (performance.now() - start > TIMEOUT_MS) throw new Error(`${what} did not happen within ${TIMEOUT_MS / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return performance.now() - start;
}

/** Waits for a condition after an action. Returns the elapsed milliseconds since its start. */
async function after(action: Promise<void>, what: string, condition: () => boolean): Promise<number> {
  const start = performance.now();
  await action;
  await until(what, condition);
  return performance.now() - start;
}

/** Waits until all sessions use a cable. Returns when the first and the last received their Update. */
async function untilAll(side: "a" | "b"): Promise<string> {
  const firstMs = await until(`a session uses ${side}`, () => sessions.some((each) => uses(each, side)()));
  const lastMs = await until(`all sessions use ${side}`, () => sessions.every((each) => uses(each, side)()));
  return `first after ${firstMs.toFixed(0)} ms, last ${lastMs.toFixed(0)} ms later`;
}

const nameOf = ({ settings }: Session): unknown => settings["Name"];
const addressOf = ({ settings }: Session): string => String(Reflect.get(Object(settings["IPv4"]), "address") ?? "");
const uses = (session: Session, side: "a" | "b" | undefined) => () =>
  nameOf(session) === (side === undefined ? "" : CABLES[side].profile);

const session = await app.create();
await until("the session is online", () => session.settings["State"] === "online");
assert.equal(nameOf(session), CABLES.a.profile);
assert.equal(session.settings["Interface"], CABLES.a.interface);
assert.equal(await machine.transfer(addressOf(session)), COMPLETE.a);
print("free ride over the default route", `${nameOf(session)}, ${addressOf(session)}, 8 MiB by TCP`);

const lossMs = await after(machine.plug("a", false), "the session uses B", uses(session, "b"));
await until("the route over A is gone", async () => !(await machine.host.ip("route")).includes("10.0.1.1"));
assert.equal(await machine.transfer(addressOf(session)), COMPLETE.b);
print("link loss: handover to the other cable", `Update after ${lossMs.toFixed(0)} ms, 8 MiB by TCP over B`);

const lastMs = await after(machine.plug("b", false), "the session has no service", uses(session, undefined));
print("loss of the last link", `Update after ${lastMs.toFixed(0)} ms`);
const returnMs = await after(machine.plug("a", true), "the session uses A", uses(session, "a"));
assert.equal(await machine.transfer(addressOf(session)), COMPLETE.a);
print("return of a link", `Update after ${returnMs.toFixed(0)} ms, 8 MiB by TCP over A`);
await machine.plug("b", true);
await manager.until("b", "connected");

machine.setPortal("a", true);
await manager.nmcli("networking", "connectivity", "check");
await until("a captive portal is noticed", () => session.settings["State"] === "connected");
machine.setPortal("a", false);
await manager.nmcli("networking", "connectivity", "check");
await until("the Internet is back", () => session.settings["State"] === "online");
print("captive portal and its end", "State connected, then online");

for (const side of ["a", "b"] as const) await manager.nmcli("connection", "down", CABLES[side].profile);
await until("no service is up", uses(session, undefined));
await machine.plug("a", false);
const connectMs = await after(session.connect(), "Connect activates the profile", uses(session, "b"));
await manager.until("b", "connected");
assert.equal(await machine.transfer(addressOf(session)), COMPLETE.b);
await session.disconnect();
await manager.until("b", "disconnected");
print("Connect activates a profile that was down", `Update after ${connectMs.toFixed(0)} ms, 8 MiB by TCP over B`);
print("Disconnect deactivates it", "device disconnected");

await manager.nmcli("connection", "up", CABLES.b.profile);
await session.connect();
await until("the session uses B", uses(session, "b"));
await session.disconnect();
await until("the session has no service", uses(session, undefined));
await new Promise((resolve) => setTimeout(resolve, 500));
await manager.until("b", "connected");
print("Disconnect keeps what a user activated", "device connected");

await manager.addProfile("No server", [
  ...profileHead("No server", CABLES.b.interface),
  "autoconnect-priority=9",
  "[ipv4]",
  "method=auto",
  "dhcp-timeout=2",
  "may-fail=false",
  "[ipv6]",
  "method=disabled",
]);
await manager.nmcli("connection", "down", CABLES.b.profile).catch(() => "");
const getServices = { destination: "net.connman", path: "/", interface: "net.connman.Manager", member: "GetServices" };
const services = async () => {
  const [all] = await app.bus.call(getServices);
  return (all as [string, Record<string, Variant>][]).map(([path, properties]) => {
    const value = (key: string): unknown => properties[key]?.value;
    return { path, name: value("Name"), state: value("State"), error: value("Error") };
  });
};
await until("the profile without server is chosen", async () =>
  (await services()).some(({ name }) => name === "No server"),
);
await session.connect();
await until("the activation fails", async () => (await services()).some(({ state }) => state === "failure"));
print("failed activation", JSON.stringify((await services()).map(({ name, state, error }) => [name, state, error])));
await session.disconnect();
await manager.nmcli("connection", "delete", "No server");

await manager.addProfile("Tunnel", [
  "[connection]",
  "id=Tunnel",
  "uuid=5ec3e700-0000-4000-8000-000000000001",
  "type=wireguard",
  "interface-name=wg0",
  "[wireguard]",
  `private-key=${PRIVATE_KEY}`,
  "[ipv4]",
  "method=manual",
  "address1=10.9.0.2/24",
  "dns=192.0.2.53;",
  "route1=198.18.0.0/15,10.9.0.9,77",
]);
await machine.plug("a", true);
await manager.nmcli("connection", "up", CABLES.a.profile);
await until("A is up", uses(session, "a"));
const set = async (service: string, name: string, value: Variant): Promise<void> => {
  const found = (await services()).find((candidate) => candidate.name === service);
  const target = { destination: "net.connman", path: found?.path ?? "/", interface: "net.connman.Service" };
  await app.bus.call({ ...target, member: "SetProperty", signature: "sv", args: [name, value] });
};
/** Runs a change of a profile. Returns the changed lines of its file, except those that NetworkManager always adds. */
async function changedLines(profile: string, change: () => Promise<void>): Promise<readonly string[]> {
  const linesOf = async () => (await manager.profileFile(profile)).split("\n").filter((line) => line !== "");
  const before = await linesOf();
  await change();
  const after = await linesOf();
  const removed = before.filter((line) => !after.includes(line)).map((line) => `-${line}`);
  const added = after.filter((line) => !before.includes(line)).map((line) => `+${line}`);
  return [...removed, ...added].filter(
    (line) => !/^.(timestamp=|uuid=|\[(ethernet|proxy|ipv6)\]|addr-gen-mode=)/.test(line),
  );
}
assert.deepEqual(await changedLines("Tunnel", () => set("Tunnel", "AutoConnect", new Variant("b", false))), [
  "+autoconnect=false",
  "+method=disabled",
]);
print("SetProperty of AutoConnect", "changes one line of the profile; its private key remains");
const text = (value: string): Variant => new Variant("s", value);
const address = { Address: text("10.0.1.77"), Netmask: text("255.255.255.0"), Gateway: text("10.0.1.1") };
const configuration = new Variant("a{sv}", { Method: text("manual"), ...address });
const changed = await changedLines(CABLES.a.profile, () => set(CABLES.a.profile, "IPv4.Configuration", configuration));
assert.deepEqual(changed, ["-address1=10.0.1.2/24,10.0.1.1", "+address1=10.0.1.77/24,10.0.1.1"]);
await until("the address is applied", () => addressOf(session) === "10.0.1.77");
assert.equal(await machine.transfer("10.0.1.77"), COMPLETE.a);
print("SetProperty of IPv4.Configuration", "changes one line and the address in use, 8 MiB by TCP");

await machine.killManager();
await until("the session has no service", uses(session, undefined));
await machine.startManager();
const restartMs = await until("the session has a service", () => nameOf(session) !== "");
print("NetworkManager killed and restarted", `Update ${restartMs.toFixed(0)} ms after its start`);
await manager.until("a", "connected");
await manager.until("b", "connected");

await machine.plug("b", false);
await until("the session uses A", uses(session, "a"));
await machine.plug("b", true);
await manager.until("b", "connected");
const sessions: Session[] = [];
for (let index = 0; index < sessionCount; index++) sessions.push(await app.create());
await until("all sessions use A", () => sessions.every((each) => uses(each, "a")()));
await machine.plug("a", false);
const toB = await untilAll("b");
await machine.plug("a", true);
await manager.until("a", "connected");
await machine.plug("b", false);
const toA = await untilAll("a");
print(`${sessionCount} sessions: handover to B, to A`, `${toB}; ${toA}`);
await app.leave();

await machine.plug("b", true);
await manager.until("b", "connected");
const policies = await mkdtemp(join(tmpdir(), "policies-"));
await writeFile(join(policies, "root.policy"), "[root]\nuid = root\n");
await machine.startSessions("networkmanager", "--routing", "--policy-dir", policies);
const routedApp = new App(await connect({ bus: machine.address }));
const routed = await routedApp.create();
await until("the session uses A", uses(routed, "a"));
assert.equal(await machine.transfer(), COMPLETE.a);
await machine.plug("a", false);
await until("the session uses B", uses(routed, "b"));
assert.equal(await machine.transfer(), COMPLETE.b);
assert.match(await machine.host.ip("route"), /default via 10\.0\.1\.1/);
print("--routing, link loss", "8 MiB by TCP over B while the default route is over A");
await routedApp.leave();
await rm(policies, { recursive: true });
