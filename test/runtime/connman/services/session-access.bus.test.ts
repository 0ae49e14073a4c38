import { CONNMAN_NAME } from "@dbus-codegen-ts/connman";
import { describe, expect, test } from "vitest";
import { bodyCodec } from "../../../../runtime/core/wire/arguments-codec.ts";
import { until } from "../../../reliability/support.ts";
import { keep } from "../disposables.ts";
import { type App, CABLE, DIALECT_NAMES, refusal, type Session, Stage, WIFI } from "../support.ts";

const DOWN = { state: "idle" } as const;

describe("calls of another client for a session [S08]", () => {
  const DENIED = ["PermissionDenied", "PermissionDenied", "PermissionDenied", "PermissionDenied", "PermissionDenied"];
  test.each(["session-2017", "session-2011"] as const)("%s: are denied and have no effect", async (dialect) => {
    const stage = keep(await Stage.open({ dialect, services: [CABLE, { ...WIFI, state: "idle" }] }));
    const session = await (await stage.app()).create();
    await stage.settled();
    session.takeUpdates();
    const stranger = await stage.app();
    expect(await callsBy(stranger, session)).toEqual(DENIED);
    await stage.settled();
    expect(session.takeUpdates()).toEqual([]);
    expect(stage.network.services.map(({ state }) => state)).toEqual(["online", "idle"]);
    expect(stage.server.sessions).toBe(1);
    await session.destroy();
  });

  test("connman-1.41: DestroySession is denied, the methods of the session are allowed, as in ConnMan", async () => {
    const stage = keep(await Stage.open({ dialect: "connman-1.41" }));
    const session = await (await stage.app()).create();
    expect(await callsBy(await stage.app(), session)).toEqual(["PermissionDenied", "done", "done", "done", "done"]);
    expect(stage.server.sessions).toBe(0);
  });

  async function callsBy(stranger: App, session: Session): Promise<readonly string[]> {
    const view = stranger.at(session.path);
    return [
      await refusal(stranger.destroy(session.path)),
      await refusal(view.connect()),
      await refusal(view.disconnect()),
      await refusal(view.change("AllowedBearers", ["wifi"])),
      await refusal(view.destroy()),
    ];
  }
});

test.each(DIALECT_NAMES)(
  "%s: DestroySession fails for an unknown path and for a destroyed session [S09]",
  async (dialect) => {
    const stage = keep(await Stage.open({ dialect }));
    const app = await stage.app();
    const session = await app.create();
    for (const path of ["/", "/sessions", "/sessions/_1_99/n1", `${session.path}/deeper`]) {
      expect([path, await refusal(app.destroy(path))]).toEqual([path, "InvalidArguments"]);
    }
    expect(await refusal(app.destroy(session.path))).toBe("done");
    expect(await refusal(app.destroy(session.path))).toBe("InvalidArguments");
    for (const call of [session.connect(), session.disconnect(), session.destroy()]) {
      expect(await refusal(call)).toBe("UnknownObject");
    }
    expect(stage.server.sessions).toBe(0);
  },
);

test("forged owner changes end no session [S15, S16]", async () => {
  const stage = keep(await Stage.open());
  const app = await stage.app();
  const session = await app.create();
  const forger = (await stage.app()).bus;
  expect(await refusal(forger.requestName("org.freedesktop.DBus"))).not.toBe("done");
  await forger.requestName("org.freedesktop.DBus2");
  const drops = stage.bus.counters.drops.foreignSignal;
  const forgery = { path: "/org/freedesktop/DBus", interface: "org.freedesktop.DBus", member: "NameOwnerChanged" };
  for (const destination of [stage.bus.uniqueName, CONNMAN_NAME]) {
    const args = [app.bus.uniqueName, app.bus.uniqueName, ""];
    forger.emit({ ...forgery, destination, codec: bodyCodec("sss"), args });
  }
  await until("the forgeries have arrived", () => stage.bus.counters.drops.foreignSignal === drops + 2);
  expect(stage.server.sessions).toBe(1);
  stage.network.change("cable", DOWN);
  await stage.settled();
  expect(session.status).toBe("disconnected");
});
