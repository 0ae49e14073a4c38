import { type Authorizer, SimulatedNetwork } from "@dbus-codegen-ts/connman";
import { describe, expect, test } from "vitest";
import { until } from "../../../reliability/support.ts";
import { idle, opened, ready, stageOf, updatesDuring } from "../session-helpers.ts";
import { CABLE, lines, MODEM, refusal, type Session, TestClock, transcript, WIFI } from "../support.ts";

const MINUTE = 60_000;
const STAYING = { IdleTimeout: 60, StayConnected: true } as const;

describe("session-2011", () => {
  const dialect = "session-2011";

  test("Online is true with an online service of an allowed bearer only", async () => {
    const stage = await stageOf({ dialect, services: [ready(WIFI), CABLE] });
    const session = await opened(stage, { AllowedBearers: ["wifi"] });
    expect(session.settings).toMatchObject({ Online: false, Bearer: "wifi" });
    expect(await updatesDuring(stage, session, { wifi: { state: "online" } })).toEqual(["Online=true"]);
  });

  test("Priority: sessions with it receive Updates first, otherwise in the order of creation", async () => {
    const stage = await stageOf({ dialect });
    const app = await stage.app();
    for (const priority of [false, true, false, true]) await opened(stage, { Priority: priority }, app);
    const monitor = await stage.watch();
    stage.network.change("cable", { state: "idle" });
    await stage.settled();
    const updates = transcript(monitor.messages, stage.bus).filter((line) => line.includes("Update"));
    const notifiers = updates.map((line) => line.split(" ", 1)[0]);
    expect(notifiers).toEqual(["/n2", "/n4", "/n1", "/n3"]);
  });

  test("AvoidHandover: keeps the service for two minutes, unless the service goes down", async () => {
    const clock = new TestClock();
    const stage = await stageOf({ dialect, clock, services: [idle(CABLE), idle(WIFI), MODEM] });
    const session = await opened(stage, { AllowedBearers: ["ethernet", "wifi", "3g"], AvoidHandover: true });
    expect(await updatesDuring(stage, session, { wifi: { state: "online" } })).toEqual([]);
    expect(await updatesDuring(stage, session, { modem: { state: "idle" } })).toEqual([
      "Name=wifi Interface=wlan0 Bearer=wifi",
    ]);
    expect(await updatesDuring(stage, session, { cable: { state: "online" } })).toEqual([]);
    await clock.advance(119_999);
    await stage.settled();
    expect(session.takeUpdates()).toEqual([]);
    await clock.advance(1);
    await stage.settled();
    expect(lines(session.takeUpdates())).toEqual(["Name=cable Interface=eth0 Bearer=ethernet AvoidHandover=false"]);
    expect(clock.timers).toBe(0);
  });

  test("PeriodicConnect: attempts coincide at multiples of their interval, until the session is connected", async () => {
    const clock = new TestClock();
    const attempts: string[] = [];
    class Unreachable extends SimulatedNetwork {
      override connect(id: string): void {
        attempts.push(`${id} after ${clock.nowMs() / MINUTE} min`);
      }
    }
    const network = new Unreachable([idle(CABLE), idle(WIFI)]);
    const stage = await stageOf({ dialect, clock, network });
    await clock.advance(3 * MINUTE);
    await opened(stage, { PeriodicConnect: 10, AllowedBearers: ["ethernet"] });
    await clock.advance(3 * MINUTE);
    await opened(stage, { PeriodicConnect: 5, AllowedBearers: ["ethernet"] });
    const third = await opened(stage, { PeriodicConnect: 15, AllowedBearers: ["wifi"] });
    await clock.advance(9.5 * MINUTE);
    expect(attempts).toEqual(["cable after 10 min", "cable after 15 min", "wifi after 15 min"]);
    network.change("cable", { state: "online" });
    await third.change("PeriodicConnect", 0);
    await clock.advance(60 * MINUTE);
    expect(attempts).toHaveLength(3);
  });

  /** Each case: sessions with settings, on a cable that a session brought up, and on a cable that was up before. */
  const idleCases = [
    ["the session that brought it up has a timeout", [{ IdleTimeout: 60, connects: true }], 60, true],
    ["the longest timeout applies", [{ IdleTimeout: 60, connects: true }, { IdleTimeout: 120 }], 120, true],
    ["a session without timeout uses it", [{ IdleTimeout: 60, connects: true }, {}], 60, false],
    ["a session with StayConnected uses it", [{ IdleTimeout: 60, connects: true }, STAYING], 60, false],
    ["no session brought it up", [{ IdleTimeout: 60 }, { IdleTimeout: 30 }], 60, false],
  ] as const;

  test.each(idleCases)("IdleTimeout: a service where %s", async (_, sessions, seconds, isTakenDown) => {
    const clock = new TestClock();
    const isBroughtUp = sessions.some((settings) => "connects" in settings);
    const stage = await stageOf({ dialect, clock, services: [isBroughtUp ? idle(CABLE) : CABLE] });
    const app = await stage.app();
    const all: Session[] = [];
    for (const { connects, ...settings } of sessions.map((entry) => ({ connects: false, ...entry }))) {
      const session = await opened(stage, settings, app);
      all.push(session);
      if (connects) await session.connect();
    }
    await until("the service is online", () => stage.network.services[0]?.state === "online");
    const statuses = async () => {
      await stage.settled();
      return all.map(({ status }) => status);
    };
    const online = all.map(() => "ethernet online");
    expect(await statuses()).toEqual(online);
    await clock.advance(seconds * 900);
    stage.network.addTraffic(1);
    await clock.advance(seconds * 900);
    expect(await statuses(), "there was traffic").toEqual(online);
    await clock.advance(seconds * 500);
    expect(await statuses()).toEqual(isTakenDown ? all.map(() => "") : online);
    stage.network.change("cable", { state: "online" });
    expect(await statuses(), "the service returned").toEqual(online);
  });

  test("IdleTimeout: applies after a failure to count packets", async () => {
    const clock = new TestClock();
    class Flaky extends SimulatedNetwork {
      failures = 1;
      override async packetCount(): Promise<number> {
        if (this.failures-- > 0) throw new Error("there is no ip command");
        return super.packetCount();
      }
    }
    const stage = await stageOf({ dialect, clock, network: new Flaky([idle(CABLE)]) });
    const session = await opened(stage, { IdleTimeout: 20 });
    await session.connect();
    await until("the service is up", () => session.status === "ethernet online");
    await clock.advance(60_000);
    await stage.settled();
    expect([session.status, stage.errors.map(String)]).toEqual(["", ["Error: there is no ip command"]]);
  });

  test("EmergencyCall: one session sets it, all report it, and others have no service until it ends", async () => {
    const stage = await stageOf({ dialect, authorizer: { authorize: async () => true } });
    const app = await stage.app();
    const [caller, other] = [await opened(stage, {}, app), await opened(stage, {}, app)];
    await caller.change("EmergencyCall", true);
    expect(await refusal(other.change("EmergencyCall", true))).toBe("Failed");
    expect(await refusal(other.change("EmergencyCall", false))).toBe("done");
    expect(await refusal(app.create())).toBe("Failed");
    expect(await refusal(other.connect())).toBe("done");
    await stage.settled();
    expect([caller.status, other.status]).toEqual(["ethernet online", ""]);
    await caller.change("EmergencyCall", false);
    await stage.settled();
    expect(lines(caller.takeUpdates())).toEqual(["EmergencyCall=true", "EmergencyCall=false"]);
    expect(lines(other.takeUpdates())).toEqual([
      "Name= Interface= Bearer= Online=false EmergencyCall=true",
      "Name=cable Interface=eth0 Bearer=ethernet Online=true EmergencyCall=false",
    ]);
  });

  test("EmergencyCall: fails if another call began during the authorization", async () => {
    const pending: (() => void)[] = [];
    const authorizer: Authorizer = { authorize: () => new Promise((allow) => pending.push(() => allow(true))) };
    const stage = await stageOf({ dialect: "session-2011", authorizer });
    const [first, second, third] = [await stage.app(), await stage.app(), await stage.app()];
    const session = await opened(stage, {}, third);
    const created = [first.create({ EmergencyCall: true }), second.create({ EmergencyCall: true })].map(refusal);
    await until("two are being authorized", () => pending.length === 2);
    const changed = refusal(session.change("EmergencyCall", true));
    await until("all are being authorized", () => pending.length === 3);
    for (const allow of pending) allow();
    expect((await Promise.all(created)).toSorted()).toEqual(["Failed", "done"]);
    expect(await changed).toBe("Failed");
    await stage.settled();
    expect(stage.server.sessions).toBe(2);
  });

  test("EmergencyCall: ends when the caller leaves the bus or destroys its session", async () => {
    const stage = await stageOf({ dialect, authorizer: { authorize: async () => true } });
    const other = await opened(stage);
    const leaving = await stage.app();
    await leaving.create({ EmergencyCall: true });
    await stage.settled();
    expect(other.status).toBe("");
    await leaving.leave();
    await until("the other session has a service", () => other.status === "ethernet online");
    const caller = await opened(stage, { EmergencyCall: true });
    await caller.destroy();
    await stage.settled();
    expect(lines(other.takeUpdates()).slice(2)).toEqual([
      "Name= Interface= Bearer= Online=false EmergencyCall=true",
      "Name=cable Interface=eth0 Bearer=ethernet Online=true EmergencyCall=false",
    ]);
  });

  const roaming: readonly (readonly [policy: string, ...services: readonly [string, string, string]])[] = [
    ["forbidden", "3g online", "", ""],
    ["national", "3g online", "3g online", ""],
    ["international", "3g online", "3g online", "3g online"],
    ["always", "3g online", "3g online", "3g online"],
    ["default", "3g online", "", ""],
  ];
  test.each(roaming)(
    "RoamingPolicy %s: with a home, a national and an international network",
    async (policy, ...served) => {
      const stage = await stageOf({ dialect, services: [MODEM], authorizer: { authorize: async () => true } });
      const session = await opened(stage);
      await session.change("RoamingPolicy", policy);
      const statuses: string[] = [];
      for (const place of ["home", "national", "international"] as const) {
        await updatesDuring(stage, session, { modem: { roaming: place } });
        statuses.push(session.status === "" ? "" : "3g online");
      }
      expect(statuses).toEqual(served);
    },
  );

  test("RoamingPolicy default: with an international network, if the option roaming is set", async () => {
    const authorizer = { authorize: async () => true };
    const foreign = { ...MODEM, roaming: "international" } as const;
    const stage = await stageOf({ dialect, services: [foreign], authorizer, roaming: true });
    const app = await stage.app();
    const [withoutPolicy, withDefault] = [await app.create(), await app.create({ RoamingPolicy: "default" })];
    await stage.settled();
    expect([withoutPolicy.status, withDefault.status]).toEqual(["", "3g online"]);
  });

  test("SessionMarker: differs for each session and is never reused", async () => {
    const stage = await stageOf({ dialect });
    const app = await stage.app();
    const marks: unknown[] = [];
    for (let number = 0; number < 5; number++) {
      const session = await app.create();
      await stage.settled();
      marks.push(session.settings["SessionMarker"]);
      await session.destroy();
    }
    expect(marks).toEqual([256, 257, 258, 259, 260]);
  });
});
