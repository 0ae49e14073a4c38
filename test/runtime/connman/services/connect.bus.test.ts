import { SimulatedNetwork } from "@dbus-codegen-ts/connman";
import { describe, expect, test } from "vitest";
import { until } from "../../../reliability/support.ts";
import { keep } from "../disposables.ts";
import { CABLE, DIALECT_NAMES, Stage } from "../support.ts";

describe("repeated Connect and Disconnect [S12]", () => {
  test.each([
    ["session-2017", "ethernet online", 2],
    ["session-2011", "ethernet online", 2],
    // The State keeps its value from the assignment of the service.
    ["connman-1.41", "ethernet connected", 1],
  ] as const)("%s: Connect a thousand times reports each change once", async (dialect, up, updates) => {
    const stage = keep(await Stage.open({ dialect, services: [{ ...CABLE, state: "idle" }] }));
    const session = await (await stage.app()).create();
    await stage.settled();
    session.takeUpdates();
    for (let time = 0; time < 1000; time++) await session.connect();
    await until("it is online", () => session.status === up);
    await until("the cable is online", () => stage.network.services[0]?.state === "online");
    await stage.settled();
    const updatesReceived = session.takeUpdates();
    for (let time = 0; time < 1000; time++) await session.connect();
    await stage.settled();
    expect(session.takeUpdates()).toEqual([]);
    expect(updatesReceived).toHaveLength(updates);
  });

  test.each(DIALECT_NAMES)(
    "%s: Disconnect, a hundred times while the service is coming up, takes it down without an Update",
    async (dialect) => {
      const network = new SlowNetwork([{ ...CABLE, state: "idle" }]);
      const stage = keep(await Stage.open({ dialect, network }));
      const session = await (await stage.app()).create();
      await stage.settled();
      session.takeUpdates();
      for (let time = 0; time < 100; time++) {
        await session.connect();
        expect(stage.network.services).toMatchObject([{ state: "configuration" }]);
        await session.disconnect();
        expect(stage.network.services).toMatchObject([{ state: "idle" }]);
      }
      await stage.settled();
      expect(session.takeUpdates()).toEqual([]);
    },
  );

  /** A simulated network whose services begin to come up, but never become ready. */
  class SlowNetwork extends SimulatedNetwork {
    override connect(id: string): void {
      this.change(id, { state: "configuration" });
    }
  }
});
