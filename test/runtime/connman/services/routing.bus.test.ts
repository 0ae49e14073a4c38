import type { Routing, SessionRoute } from "@dbus-codegen-ts/connman";
import { describe, expect, test } from "vitest";
import { opened, stageOf } from "../session-helpers.ts";
import { CABLE, WIFI } from "../support.ts";

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
});
