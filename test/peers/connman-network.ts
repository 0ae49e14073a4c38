// Runs the session service in front of Debian's ConnMan in network namespaces, and prints what was observed.
// Usage: npm run peers -- connman-network [sessions]

import { strict as assert } from "node:assert";
import { connect } from "@dbus-codegen-ts/runtime";
import { nextLine } from "../reliability/support.ts";
import { CABLES, type Cable, COMPLETE, ConnmanDaemon, whyNoConnman } from "../runtime/connman/connman-daemon.ts";
import { whyNoDhcp } from "../runtime/connman/dhcp-server.ts";
import { App, type Session } from "../runtime/connman/support.ts";
import { startPrivateBus } from "../setup/private-bus.ts";
import { compareDhcp } from "./connman/dhcp.ts";
import { startFront } from "./connman/front.ts";

const TIMEOUT_MS = 30_000;

const missing = whyNoConnman();
if (missing !== undefined) {
  process.stdout.write(`skipped: ${missing}\n`);
  process.exit();
}
const sessionCount = Number(process.argv[2] ?? 1000);
const print = (name: string, result: string): void => void process.stdout.write(`${name.padEnd(48)}${result}\n`);

/** Waits for a condition. Returns the elapsed milliseconds. */
async function until(what: string, condition: () => boolean): Promise<number> {
  const start = performance.now();
  while (!condition()) {
    if (performance.now() - start > TIMEOUT_MS) throw new Error(`${what} did not happen within ${TIMEOUT_MS / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return performance.now() - start;
}

const uses = ({ settings }: Session, cable: Cable): boolean =>
  settings["Interface"] === CABLES[cable].interface && settings["State"] === "connected";
const isDown = ({ settings }: Session): boolean => settings["State"] === "disconnected";

await using daemon = await ConnmanDaemon.start();
await using front = await startPrivateBus();
const service = startFront(front.address, daemon.bus.address);
await nextLine(service);
const app = new App(await connect({ bus: front.address }));
const [onA, onB] = [
  await app.create({ AllowedInterface: CABLES.a.interface }),
  await app.create({ AllowedInterface: CABLES.b.interface }),
];
await until("both cables are ready", () => uses(onA, "a") && uses(onB, "b"));
// The server is reached over the default route, which is that of the default service.
const first: Cable = (await daemon.transfer("a")) === COMPLETE.a ? "a" : "b";
const second = first === "a" ? "b" : "a";
assert.equal(await daemon.transfer(first), COMPLETE[first]);
print("free ride on both services", `8 MiB by TCP over the default service, ${first.toUpperCase()}`);

const sessions: Session[] = [];
for (let index = 0; index < sessionCount; index++) sessions.push(await app.create({}));
const allUse = (cable: Cable) => () => sessions.every((session) => uses(session, cable));
await until("all sessions have a service", () =>
  sessions.every((session) => session.settings["State"] === "connected"),
);
if (!allUse(first)()) {
  await daemon.plug(second, false);
  await until("all sessions use the default service", allUse(first));
  await daemon.plug(second, true);
  await until("the other is back", () => uses(second === "a" ? onA : onB, second));
}
await daemon.plug(first, false);
const lossMs = await until("all sessions have moved", allUse(second));
assert.equal(await daemon.transfer(second), COMPLETE[second]);
print(
  `link loss: ${sessionCount} sessions move to the other`,
  `last Update after ${lossMs.toFixed(0)} ms, 8 MiB by TCP`,
);
await daemon.plug(second, false);
const goneMs = await until("no session has a service", () => sessions.every(isDown));
print("loss of the last link", `last Update after ${goneMs.toFixed(0)} ms`);
for (const cable of ["a", "b"] as const) await daemon.plug(cable, true);
const backMs = await until("all sessions have a service", () => !sessions.some(isDown));
print("return of both links", `last Update after ${backMs.toFixed(0)} ms`);
await until("both cables are ready", () => uses(onA, "a") && uses(onB, "b"));

await daemon.crash();
await until("no session has a service", () => sessions.every(isDown));
await daemon.launch();
const restartMs = await until("all sessions have a service", () => !sessions.some(isDown));
print("ConnMan killed and started", `last Update ${restartMs.toFixed(0)} ms after its start`);
assert.equal(service.exitCode, null);
service.kill();
await app.leave();

const noDhcp = whyNoDhcp();
if (noDhcp === undefined) await compareDhcp(print);
else print("DHCP", `skipped: ${noDhcp}`);
