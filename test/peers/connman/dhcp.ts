import { strict as assert } from "node:assert";
import { connect } from "@dbus-codegen-ts/runtime";
import { nextLine } from "../../reliability/support.ts";
import { CABLES, ConnmanDaemon } from "../../runtime/connman/connman-daemon.ts";
import { kill } from "../../runtime/connman/namespaces.ts";
import { App, type Session } from "../../runtime/connman/support.ts";
import { startPrivateBus } from "../../setup/private-bus.ts";
import { startFront } from "./front.ts";

/** Settings that depend on the service. */
const COMPARED = ["State", "Name", "Bearer", "Interface", "IPv4"] as const;
const TIMEOUT_MS = 30_000;

/**
 * Compares a session of our service, in front of ConnMan, with a session of ConnMan itself while a DHCP server gives,
 * changes and loses addresses.
 *
 * @param print - Called with each case and its result.
 */
export async function compareDhcp(print: (name: string, result: string) => void): Promise<void> {
  await using daemon = await ConnmanDaemon.prepare("dhcp");
  await using front = await startPrivateBus();
  await daemon.plug("b", false);
  await daemon.serveDhcp("a", "10.0.1.50");
  await daemon.launch();
  const service = startFront(front.address, daemon.bus.address, "connman-1.41");
  await nextLine(service);
  const apps = [new App(await connect({ bus: front.address })), new App(await connect({ bus: daemon.bus.address }))];
  const sessions: Session[] = [];
  for (const app of apps) sessions.push(await app.create({ AllowedBearers: ["ethernet"] }));

  /** Waits until both sessions have an address, or none, and are equal. */
  async function both(name: string, address: string | undefined): Promise<void> {
    const start = performance.now();
    const isReached = () => sessions.every((session) => addressOf(session) === address);
    while (!isReached() && performance.now() - start < TIMEOUT_MS)
      await new Promise((resolve) => setTimeout(resolve, 5));
    const [ours, theirs] = sessions.map(valuesOf);
    assert.deepEqual(ours, theirs, name);
    assert.ok(isReached(), `${name}: ${JSON.stringify(ours)}`);
    print(`DHCP: ${name}`, `${address ?? "no address"}, equal settings in both sessions`);
  }

  await both("first lease", "10.0.1.50");
  assert.equal(Reflect.get(Object(valuesOf(sessions[0])["IPv4"]), "method"), "dhcp");
  await daemon.plug("a", false);
  await both("cable out", undefined);
  await daemon.serveDhcp("a", "10.0.1.60");
  await daemon.plug("a", true);
  await both("another lease", "10.0.1.60");
  assert.equal(valuesOf(sessions[0])["Interface"], CABLES.a.interface);
  await kill(service);
  for (const app of apps) await app.leave();
}

function valuesOf(session: Session | undefined): Record<string, unknown> {
  return Object.fromEntries(COMPARED.map((name) => [name, session?.settings[name]]));
}

function addressOf({ settings }: Session): unknown {
  return Reflect.get(Object(settings["IPv4"]), "address");
}
