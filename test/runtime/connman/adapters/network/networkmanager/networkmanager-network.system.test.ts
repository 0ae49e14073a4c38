import { connect } from "@dbus-codegen-ts/runtime";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CABLES, COMPLETE } from "../../../machine.ts";
import {
  type NetworkManagerMachine,
  startNetworkManagerMachine,
  whyNoNetworkManager,
} from "../../../network-manager-machine.ts";
import { App, type Session } from "../../../support.ts";

const missing = whyNoNetworkManager();

describe.skipIf(missing !== undefined)(`in front of NetworkManager${missing ? ` (skipped: ${missing})` : ""}`, () => {
  let manager: NetworkManagerMachine;
  let app: App;
  let session: Session;

  beforeAll(async () => {
    manager = await startNetworkManagerMachine();
    const complaints = await manager.machine.startSessions("auto");
    expect(complaints()).toContain("--network auto uses networkmanager");
    app = new App(await connect({ bus: manager.machine.address }));
    session = await app.create();
  });
  afterAll(async () => {
    await app?.leave();
    await manager?.[Symbol.asyncDispose]();
  });

  const uses = (name: string) => expect.poll(() => session.settings["Name"]).toBe(name);

  test("a session uses the default route, receives over it, and changes to the other cable", async () => {
    await uses(CABLES.a.profile);
    await expect.poll(() => session.settings["State"]).toBe("online");
    expect(await manager.machine.transfer("10.0.1.2")).toBe(COMPLETE.a);
    await manager.machine.plug("a", false);
    await uses(CABLES.b.profile);
    expect(session.settings).toMatchObject({ Bearer: "ethernet", Interface: CABLES.b.interface });
  });

  test("Connect activates a profile, Disconnect deactivates it", async () => {
    await manager.nmcli("connection", "down", CABLES.b.profile);
    await uses("");
    await session.connect();
    await uses(CABLES.b.profile);
    await manager.until("b", "connected");
    await session.disconnect();
    await manager.until("b", "disconnected");
  });
});
