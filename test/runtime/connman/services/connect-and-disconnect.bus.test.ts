import { describe, expect, test } from "vitest";
import { until } from "../../../reliability/support.ts";
import { idle, opened, stageOf, updatesDuring } from "../session-helpers.ts";
import { CABLE, DIALECT_NAMES, type Stage, type StageOptions, WIFI } from "../support.ts";

describe("Connect and Disconnect", () => {
  const states = ({ network }: Stage) => network.services.map(({ id, state }) => `${id} ${state}`);
  test.each(DIALECT_NAMES)("%s: bring a service up, and take it down with the last active session", async (dialect) => {
    const stage = await stageOf({ dialect, services: [idle(CABLE)] });
    const [first, second, passive] = [await opened(stage), await opened(stage), await opened(stage)];
    await first.connect();
    await second.connect();
    await until("the cable is online", () => states(stage)[0] === "cable online");
    await stage.settled();
    for (const session of [first, second, passive]) expect(session.settings["Bearer"]).toBe("ethernet");
    await first.disconnect();
    await stage.settled();
    expect([first.settings["Bearer"], states(stage)]).toEqual(["", ["cable online"]]);
    await second.disconnect();
    await stage.settled();
    expect([passive.settings["Bearer"], states(stage)]).toEqual(["", ["cable idle"]]);
  });

  test.each(DIALECT_NAMES)("%s: a service that no session brought up stays up", async (dialect) => {
    const stage = await stageOf({ dialect });
    const [session, passive] = [await opened(stage), await opened(stage)];
    await session.connect();
    await session.disconnect();
    await stage.settled();
    expect([session.settings["Bearer"], passive.takeUpdates(), states(stage)]).toEqual(["", [], ["cable online"]]);
  });

  test.each(DIALECT_NAMES)("%s: a disconnected session gets a free ride when a service comes up", async (dialect) => {
    const stage = await stageOf({ dialect, services: [CABLE, idle(WIFI)] });
    const session = await opened(stage);
    await session.disconnect();
    await stage.settled();
    expect(session.takeUpdates()).toHaveLength(1);
    expect(await updatesDuring(stage, session, { cable: { name: "other" } }, { wifi: { name: "other" } })).toEqual([]);
    await updatesDuring(stage, session, { wifi: { state: "ready" } });
    expect(session.settings["Bearer"]).not.toBe("");
  });

  const broughtUp: readonly (readonly [
    name: string,
    bearers: readonly string[],
    before: StageOptions["services"],
    up: readonly string[],
  ])[] = [
    [
      "a service of the preferred bearer",
      ["wifi", "ethernet"],
      [idle(CABLE), idle(WIFI)],
      ["cable idle", "wifi online"],
    ],
    ["the first of several", ["*"], [idle({ ...CABLE, id: "a" }), idle({ ...CABLE, id: "b" })], ["a online", "b idle"]],
    ["no service without AutoConnect", ["*"], [{ ...idle(CABLE), autoConnect: false }], ["cable idle"]],
    ["no service that failed", ["*"], [{ ...CABLE, state: "failure" }, idle(WIFI)], ["cable failure", "wifi online"]],
    [
      "no service if another is coming up",
      ["*"],
      [idle(CABLE), { ...WIFI, state: "association" }],
      ["cable idle", "wifi association"],
    ],
    ["no service of another bearer", ["cellular"], [idle(CABLE)], ["cable idle"]],
    ["no service for an empty list", [], [idle(CABLE)], ["cable idle"]],
  ];
  test.each(broughtUp)("session-2017: Connect brings up %s", async (_, bearers, services = [], up) => {
    const stage = await stageOf({ services });
    const session = await opened(stage, { AllowedBearers: bearers });
    await session.connect();
    // A service comes up in three steps with one timer each.
    for (let step = 0; step < 5; step++) await new Promise((resolve) => setTimeout(resolve, 1));
    await expect.poll(() => states(stage)).toEqual(up);
  });

  test.each(DIALECT_NAMES)("%s: a change of AllowedBearers disconnects the session", async (dialect) => {
    const stage = await stageOf({ dialect, services: [idle(CABLE)] });
    const session = await opened(stage);
    await session.connect();
    await until("the cable is online", () => states(stage)[0] === "cable online");
    await session.change("AllowedBearers", ["wifi"]);
    expect(states(stage)).toEqual(["cable idle"]);
  });
});
