import { allowUids, type Routing, type SessionRoute } from "@dbus-codegen-ts/connman";
import { describe, expect, test } from "vitest";
import { until } from "../../../reliability/support.ts";
import { idle, opened, stageOf } from "../session-helpers.ts";
import { CABLE, lines, refusal, TestClock, WIFI } from "../support.ts";

const NO_RULES = { connectionType: "any", priority: false, roamingPolicy: "default", emergencyCall: false } as const;

describe("routing", () => {
  /** A routing that records the applied routes, and fails if a test requests it. */
  class RecordingRouting implements Routing {
    readonly applied: string[] = [];
    fails = false;

    async apply(routes: readonly SessionRoute[]): Promise<void> {
      const lines = routes.map(({ mark, service, blocksWithoutService, isEmergencyCall }) => {
        const flags = [blocksWithoutService && "blocks", isEmergencyCall && "emergency"];
        return [mark, service?.id ?? "-", ...flags].filter(Boolean).join(" ");
      });
      this.applied.push(lines.join());
      if (this.fails) throw new Error("the system refuses");
    }

    async close(): Promise<void> {}
    async [Symbol.asyncDispose](): Promise<void> {}
  }

  test("applies the routes of sessions with a policy or SourceIPRule, and removes them at the end", async () => {
    const routing = new RecordingRouting();
    const stage = await stageOf({ routing, services: [CABLE, WIFI] });
    const app = await stage.app();
    await opened(stage, {}, app);
    const session = await opened(stage, { SourceIPRule: true }, app);
    stage.network.change("cable", { state: "idle" });
    await stage.settled();
    await session.destroy();
    await stage.server.close();
    expect(routing.applied).toEqual(["", "257 cable", "257 wifi", "", ""]);
  });

  test("is repeated after a failure, with increasing delays", async () => {
    const routing = new RecordingRouting();
    const clock = new TestClock();
    const stage = await stageOf({ routing, clock });
    routing.fails = true;
    await opened(stage, { SourceIPRule: true });
    const counts: number[] = [];
    for (const delayMs of [999, 1, 1_999, 1, 4_000]) {
      await clock.advance(delayMs);
      counts.push(routing.applied.length);
    }
    routing.fails = false;
    await clock.advance(8_000);
    await clock.advance(100_000);
    expect([counts, routing.applied.length, clock.timers]).toEqual([[2, 3, 3, 4, 5], 6, 0]);
  });

  test("reports a failure and is repeated when the network changes", async () => {
    const routing = new RecordingRouting();
    const stage = await stageOf({ routing });
    routing.fails = true;
    const session = await opened(stage, { SourceIPRule: true });
    expect(stage.errors).toEqual([new Error("the system refuses")]);
    routing.fails = false;
    stage.network.change("cable", { ipv4: { address: "192.0.2.1" } });
    await stage.settled();
    expect(routing.applied).toEqual(["", "256 cable", "256 cable"]);
    stage.network.change("cable", { state: "idle" });
    await stage.settled();
    expect([routing.applied.at(-1), session.status]).toEqual(["256 -", "disconnected"]);
  });

  /** A routing whose changes take effect when a test calls `complete`. */
  class SlowRouting extends RecordingRouting {
    readonly #pending: (() => void)[] = [];

    override apply(routes: readonly SessionRoute[]): Promise<void> {
      void super.apply(routes);
      if (routes.length === 0) return Promise.resolve();
      return new Promise((resolve) => this.#pending.push(resolve));
    }

    /** Lets the oldest pending change take effect. */
    complete(): void {
      this.#pending.shift()?.();
    }
  }

  test("includes the session that makes an emergency call, for as long as it does", async () => {
    const routing = new RecordingRouting();
    const stage = await stageOf({ routing, dialect: "session-2011", authorizer: allowUids([process.getuid?.() ?? 0]) });
    const session = await opened(stage);
    await session.change("EmergencyCall", true);
    await session.change("EmergencyCall", false);
    await session.change("EmergencyCall", true);
    await session.destroy();
    expect(routing.applied).toEqual(["", "256 cable emergency", "", "256 cable emergency", ""]);
  });

  describe("a session that blocks without service", () => {
    const policy = { ...NO_RULES, blockWithoutService: true };
    const policies = {
      source: { find: () => ({ policy, matchedBy: { uid: 0 } }), subscribe: () => ({ unsubscribe: () => undefined }) },
      users: { user: async () => undefined, groups: async () => [] },
    };

    test("exists when its application is blocked, and is reported after that", async () => {
      const routing = new SlowRouting();
      const stage = await stageOf({ routing, policies, services: [idle(CABLE)] });
      const app = await stage.app();
      const events: string[] = [];
      const created = app.create().then((session) => {
        events.push("reply");
        return session;
      });
      await until("the routes are requested", () => routing.applied.length === 2);
      await stage.settled();
      expect([routing.applied.at(-1), events]).toEqual(["256 - blocks", []]);
      routing.complete();
      const session = await created;
      await stage.settled();
      expect(lines(session.takeUpdates())).toEqual([expect.stringContaining("State=disconnected")]);
    });

    test("is not created if its application cannot be blocked", async () => {
      const routing = new RecordingRouting();
      const stage = await stageOf({ routing, policies });
      routing.fails = true;
      expect(await refusal((await stage.app()).create())).toBe("Failed");
      expect([stage.server.sessions, stage.errors.length > 0]).toEqual([0, true]);
      routing.fails = false;
    });

    test("is not created without routing", async () => {
      const stage = await stageOf({ policies });
      expect(await refusal((await stage.app()).create())).toBe("Failed");
      expect(stage.server.sessions).toBe(0);
    });

    test("ends with its client while its application is being blocked", async () => {
      const routing = new SlowRouting();
      const stage = await stageOf({ routing, policies });
      const app = await stage.app();
      app.create().catch(() => undefined);
      await until("the routes are requested", () => routing.applied.length === 2);
      await app.bus.close();
      await until("the session has ended", () => stage.server.sessions === 0);
      routing.complete();
      expect([routing.applied.at(-1), stage.errors]).toEqual(["", []]);
    });
  });

  describe("Updates of a routed session", () => {
    test("are sent when the routes are in force; other sessions do not wait", async () => {
      const routing = new SlowRouting();
      const stage = await stageOf({ routing, services: [CABLE, WIFI] });
      const app = await stage.app();
      const other = await opened(stage, {}, app);
      const routed = await app.create({ SourceIPRule: true });
      await stage.settled();
      expect(routed.takeUpdates()).toEqual([]);
      routing.complete();
      await stage.settled();
      expect(lines(routed.takeUpdates())).toEqual([expect.stringContaining("Name=cable")]);
      stage.network.change("cable", { state: "idle" });
      await stage.settled();
      expect(lines(other.takeUpdates())).toEqual(["Name=wifi Interface=wlan0 Bearer=wifi"]);
      expect(routed.takeUpdates()).toEqual([]);
      stage.network.change("cable", { state: "online" });
      await stage.settled();
      routing.complete();
      await stage.settled();
      expect(routed.takeUpdates(), "the newest routes are not in force").toEqual([]);
      routing.complete();
      await stage.settled();
      expect(lines(routed.takeUpdates())).toEqual(["Name=cable Interface=eth0 Bearer=ethernet"]);
    });

    test("precede the reply of the call that caused them", async () => {
      const routing = new SlowRouting();
      const stage = await stageOf({ routing, services: [CABLE, WIFI] });
      const session = await opened(stage);
      const events: string[] = [];
      const before = routing.applied.length;
      const changed = session.change("SourceIPRule", true).then(() => events.push("reply"));
      // On a busy machine, the call may wait for its turn.
      await until("the change takes effect", () => routing.applied.length > before);
      await stage.settled();
      expect([events, session.takeUpdates()]).toEqual([[], []]);
      routing.complete();
      await changed;
      expect(lines(session.takeUpdates())).toEqual(["SourceIPRule=true"]);
    });

    test("do not wait when the session ends", async () => {
      const routing = new SlowRouting();
      const stage = await stageOf({ routing, services: [CABLE] });
      const session = await stage.app().then((app) => app.create({ SourceIPRule: true }));
      await session.destroy();
      await stage.settled();
      expect(lines(session.takeUpdates())).toEqual([expect.stringContaining("State=")]);
    });
  });
});
