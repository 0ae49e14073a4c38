import { describe, expect, test } from "vitest";
import { until } from "../../../reliability/support.ts";
import { idle, opened, stageOf, updatesDuring } from "../session-helpers.ts";
import { CABLE, DIALECT_NAMES, lines, refusal, WIFI } from "../support.ts";

describe("the end of sessions", () => {
  test.each(DIALECT_NAMES)("%s: Release is the last call when the service ends", async (dialect) => {
    const stage = await stageOf({ dialect, services: [CABLE, idle(WIFI)] });
    const app = await stage.app();
    const [served, unserved] = [await opened(stage, {}, app), await opened(stage, { AllowedBearers: ["wifi"] }, app)];
    await stage.server.close();
    stage.network.change("wifi", { state: "online" });
    await stage.settled();
    const more = dialect === "connman-1.41" ? ["State=disconnected Name= IPv4= IPv6= Interface= Bearer="] : [];
    expect(lines(served.takeUpdates())).toEqual(["Release", ...more]);
    expect(lines(unserved.takeUpdates())).toEqual(["Release"]);
    expect([stage.server.sessions, await refusal(app.create())]).toEqual([0, "ServiceUnknown"]);
    expect(stage.bus.usage).toMatchObject({ pendingCalls: 0 });
  });

  test.each(DIALECT_NAMES)(
    "%s: the sessions of a client that leaves end, those of others continue",
    async (dialect) => {
      const stage = await stageOf({ dialect });
      const [leaving, staying] = [await stage.app(), await stage.app()];
      for (let number = 0; number < 10; number++) await opened(stage, {}, leaving);
      const session = await opened(stage, {}, staying);
      await leaving.leave();
      await until("its sessions are gone", () => stage.server.sessions === 1);
      expect(await updatesDuring(stage, session, { cable: { state: "idle" } })).toHaveLength(1);
    },
  );
});
