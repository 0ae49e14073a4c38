import { Variant } from "@dbus-codegen-ts/runtime";
import { ManagerClient } from "@dbus-codegen-ts/stubs/net.connman.Manager";
import { describe, expect, test } from "vitest";
import { idle, opened, stageOf } from "../session-helpers.ts";
import { CABLE, DIALECT_NAMES, refusal, transcript, WIFI } from "../support.ts";

describe("Manager", () => {
  test.each(DIALECT_NAMES)("%s: State is that of the service with the best state", async (dialect) => {
    const stage = await stageOf({ dialect, services: [idle(CABLE), idle(WIFI)] });
    const app = await stage.app();
    const signals: unknown[] = [];
    const manager = new ManagerClient(app.bus, { destination: "net.connman", path: "/" });
    await manager.signals.propertyChanged.subscribe((name, { value }) => signals.push(`${name} ${value}`));
    expect(await app.properties()).toEqual({ State: "idle", OfflineMode: false, SessionMode: false });
    stage.network.change("cable", { state: "ready" });
    stage.network.change("wifi", { state: "online" });
    stage.network.change("cable", { state: "online" });
    stage.network.changeAll({ cable: { state: "idle" }, wifi: { state: "idle" } });
    await stage.settled();
    expect(signals).toEqual(["State ready", "State online", "State idle"]);
  });

  test("OfflineMode: technologies are switched off before the reply, and State is offline", async () => {
    const stage = await stageOf({ services: [idle(CABLE), WIFI] });
    const app = await stage.app();
    await opened(stage, {}, app);
    const monitor = await stage.watch();
    await app.setProperty("OfflineMode", new Variant("b", true));
    expect(await app.properties()).toEqual({ State: "offline", OfflineMode: true, SessionMode: false });
    await app.setProperty("OfflineMode", new Variant("b", true));
    await app.setProperty("OfflineMode", new Variant("b", false));
    await stage.settled();
    expect(await app.properties()).toEqual({ State: "idle", OfflineMode: false, SessionMode: false });
    expect(transcript(monitor.messages, stage.bus).filter((line) => !line.includes("GetProperties"))).toEqual([
      "SetProperty",
      "signal PropertyChanged OfflineMode",
      "signal PropertyChanged State",
      "/n1 Update State Name Interface Bearer",
      "reply to SetProperty",
      ...["SetProperty", "reply to SetProperty"],
      "SetProperty",
      "signal PropertyChanged OfflineMode",
      "signal PropertyChanged State",
      "reply to SetProperty",
    ]);
  });

  test("SetProperty: invalid names and values fail, SessionMode has no effect", async () => {
    const stage = await stageOf({});
    const app = await stage.app();
    const wrong = [
      ["State", new Variant("s", "online"), "InvalidProperty"],
      ["State", new Variant("b", true), "InvalidProperty"],
      ["OfflineMode", new Variant("s", "true"), "InvalidArguments"],
      ["OfflineMode", new Variant("u", 1), "InvalidArguments"],
      ["Nonsense", new Variant("b", true), "InvalidProperty"],
    ] as const;
    for (const [name, value, error] of wrong) expect(await refusal(app.setProperty(name, value))).toBe(error);
    await app.setProperty("SessionMode", new Variant("b", true));
    expect(await app.properties()).toEqual({ State: "online", OfflineMode: false, SessionMode: true });
  });
});
