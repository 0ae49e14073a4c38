import { connect } from "@dbus-codegen-ts/runtime";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CABLES, COMPLETE, Machine } from "../../../machine.ts";
import { NETWORKD, whyNoNetworkd } from "../../../networkd-machine.ts";
import { App, type Session } from "../../../support.ts";

const missing = whyNoNetworkd();

describe.skipIf(missing !== undefined)(`in front of systemd-networkd${missing ? ` (skipped: ${missing})` : ""}`, () => {
  let machine: Machine;
  let app: App;
  let session: Session;

  beforeAll(async () => {
    machine = await Machine.start(NETWORKD);
    // An interface that systemd-networkd does not manage.
    await machine.host.ip("link", "add", "wan-c", "type", "veth", "peer", "name", "other-c");
    await machine.host.ip("address", "add", "10.0.3.2/24", "dev", "wan-c");
    for (const name of ["wan-c", "other-c"]) await machine.host.ip("link", "set", name, "up");
    const complaints = await machine.startSessions("auto", "--bearer", "wan-*=ethernet", "--online", "assume");
    expect(complaints()).toContain("--network auto uses networkd");
    app = new App(await connect({ bus: machine.address }));
    session = await app.create();
  });
  afterAll(async () => {
    await app?.leave();
    await machine?.[Symbol.asyncDispose]();
  });

  const uses = (name: string) => expect.poll(() => session.settings["Interface"]).toBe(name);

  test("a session uses a cable, changes to the other one, and receives over it", async () => {
    await uses(CABLES.a.interface);
    await expect.poll(() => session.settings["State"]).toBe("online");
    expect(await machine.transfer("10.0.1.2")).toBe(COMPLETE.a);
    await machine.plug("a", false);
    await uses(CABLES.b.interface);
    await expect.poll(() => machine.transfer("10.0.2.2")).toBe(COMPLETE.b);
  });

  test("a restart of systemd-networkd, and an interface that it does not manage, change nothing", async () => {
    await machine.killManager();
    await machine.startManager();
    await machine.plug("b", false);
    await uses("");
    await machine.plug("a", true);
    await uses(CABLES.a.interface);
  });

  test("Connect and Disconnect change no interface", async () => {
    await machine.plug("b", true);
    await session.disconnect();
    await session.connect();
    await uses(CABLES.a.interface);
    expect(await machine.host.ip("link", "show", "dev", CABLES.a.interface)).toContain("UP");
  });
});
