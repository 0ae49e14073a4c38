import { describe, expect, test } from "vitest";
import { keep } from "../disposables.ts";
import { CABLE, DIALECT_NAMES, Stage, transcript, WIFI } from "../support.ts";

const DOWN = { state: "idle" } as const;
const UP = { state: "online" } as const;

const FIRST = {
  "session-2017":
    "State Name IPv4 IPv6 Interface Bearer ConnectionType AllowedBearers AllowedInterface ContextIdentifier SourceIPRule",
  "session-2011":
    "Name IPv4 IPv6 Interface Bearer AllowedBearers Online Priority AvoidHandover StayConnected PeriodicConnect " +
    "IdleTimeout EmergencyCall RoamingPolicy SessionMarker",
  "connman-1.41":
    "State Name IPv4 IPv6 Interface Bearer ConnectionType AllowedBearers AllowedInterface ContextIdentifier SourceIPRule",
} as const;

describe("the messages of a session in order [S20]", () => {
  /** Settings of the Update that reports the loss of the service. */
  const LOSS = {
    "session-2017": "State Name Interface Bearer",
    "session-2011": "Name Interface Bearer Online",
    "connman-1.41": "State Name IPv4 IPv6 Interface Bearer",
  } as const;
  test.each(DIALECT_NAMES)("%s: Updates precede the replies of the calls that cause them", async (dialect) => {
    const stage = keep(await Stage.open({ dialect }));
    const app = await stage.app();
    const monitor = await stage.watch();
    const session = await app.create();
    await stage.settled();
    await session.disconnect();
    await session.disconnect();
    await session.connect();
    await session.change("AllowedBearers", ["wifi"]);
    await session.destroy();
    await stage.settled();
    const [updated, loss] = ["/n1 Update", LOSS[dialect]];
    const changed = {
      "session-2017": [`${updated} ${loss} AllowedBearers`],
      "session-2011": [`${updated} Name Interface Bearer AllowedBearers Online`],
      "connman-1.41": [`${updated} ${loss}`, `${updated} AllowedBearers`],
    }[dialect];
    expect(transcript(monitor.messages, stage.bus)).toEqual([
      ...["CreateSession", "reply to CreateSession", `${updated} ${FIRST[dialect]}`],
      ...["Disconnect", `${updated} ${loss}`, "reply to Disconnect"],
      ...["Disconnect", "reply to Disconnect"],
      ...["Connect", `${updated} ${loss}`, "reply to Connect"],
      ...["Change", ...changed, "reply to Change"],
      ...["Destroy", "reply to Destroy"],
    ]);
  });

  test.each(DIALECT_NAMES)("%s: changes of one turn lead to one Update, reverted changes to none", async (dialect) => {
    const stage = keep(await Stage.open({ dialect, services: [CABLE, WIFI] }));
    const session = await (await stage.app()).create({ AllowedBearers: ["ethernet", "wifi"] });
    await stage.settled();
    session.takeUpdates();
    stage.network.change("cable", DOWN);
    stage.network.change("cable", UP);
    await stage.settled();
    const undone = session.takeUpdates();
    stage.network.change("cable", { ...DOWN, name: "old" });
    stage.network.change("wifi", { name: "cafe" });
    stage.network.change("wifi", { name: "lounge" });
    await stage.settled();
    const handOver = session.takeUpdates();
    expect([undone.length, handOver.length]).toEqual(dialect === "connman-1.41" ? [3, 4] : [0, 1]);
    expect(session.received).toEqual([]);
    expect(handOver.at(-1)).toMatchObject({ Name: "lounge" });
  });

  test.each(DIALECT_NAMES)(
    "%s: calls that do not wait for the reply of CreateSession are replied to after it",
    async (dialect) => {
      const stage = keep(await Stage.open({ dialect }));
      const app = await stage.app();
      const monitor = await stage.watch();
      const path = `/sessions/${app.bus.uniqueName.replaceAll(/[:.]/g, "_")}/n1`;
      const session = app.at(path);
      await Promise.all([app.callCreate({}, "/n1"), session.disconnect(), session.destroy()]);
      await stage.settled();
      const answers = transcript(monitor.messages, stage.bus).filter((line) => line.includes(" "));
      expect(answers).toEqual([
        "reply to CreateSession",
        `/n1 Update ${FIRST[dialect]}`,
        `/n1 Update ${LOSS[dialect]}`,
        "reply to Disconnect",
        "reply to Destroy",
      ]);
    },
  );
});
