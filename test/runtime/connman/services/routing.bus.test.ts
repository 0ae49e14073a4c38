import type { Routing, SessionRoute } from "@dbus-codegen-ts/connman";
import { describe, expect, test } from "vitest";
import { opened, stageOf } from "../session-helpers.ts";
import { CABLE, lines, WIFI } from "../support.ts";

describe("routing", () => {
  /** Records the applied routes, and fails on demand. */
  class RecordingRouting implements Routing {
    readonly applied: string[] = [];
    fails = false;

    async apply(routes: readonly SessionRoute[]): Promise<void> {
      this.applied.push(routes.map(({ mark, service }) => `${mark} ${service?.id ?? "-"}`).join());
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

  describe("Updates of a routed session", () => {
    /** Completes each change of routes on demand. */
    class SlowRouting extends RecordingRouting {
      readonly #pending: (() => void)[] = [];

      override apply(routes: readonly SessionRoute[]): Promise<void> {
        void super.apply(routes);
        if (routes.length === 0) return Promise.resolve();
        return new Promise((resolve) => this.#pending.push(resolve));
      }

      /** Completes the oldest change. */
      complete(): void {
        this.#pending.shift()?.();
      }
    }

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
      const changed = session.change("SourceIPRule", true).then(() => events.push("reply"));
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
