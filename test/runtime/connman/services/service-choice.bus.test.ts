import { describe, expect, test } from "vitest";
import { type Changes, idle, opened, ready, stageOf, updatesDuring } from "../session-helpers.ts";
import { CABLE, DIALECT_NAMES, lines, MODEM, refusal, WIFI } from "../support.ts";

describe("free ride", () => {
  const ADDRESS = { ipv4: { method: "dhcp" } };
  const EVENTS = [
    { cable: { state: "association" } },
    { cable: { state: "configuration" } },
    { cable: { state: "ready", ...ADDRESS } },
    { cable: { state: "online" } },
    { cable: { state: "disconnect" } },
    { cable: { state: "idle", ipv4: {} } },
  ] as const satisfies readonly Changes[];
  const UPDATES = {
    "session-2017": [
      "State=connected Name=cable IPv4=dhcp Interface=eth0 Bearer=ethernet",
      "State=online",
      "State=disconnected Name= IPv4= Interface= Bearer=",
    ],
    // Addresses are reported only while Online is true.
    "session-2011": [
      "Name=cable Interface=eth0 Bearer=ethernet",
      "IPv4=dhcp Online=true",
      "Name= IPv4= Interface= Bearer= Online=false",
    ],
    // The State keeps its value from the assignment of the service.
    "connman-1.41": [
      "State=connected Name=cable IPv4=dhcp IPv6= Interface=eth0 Bearer=ethernet",
      "State=disconnected Name= IPv4= IPv6= Interface= Bearer=",
    ],
  } as const;
  test.each(DIALECT_NAMES)("%s: a session has a service while it is up, without a method call", async (dialect) => {
    const stage = await stageOf({ dialect, services: [idle(CABLE)] });
    const session = await opened(stage);
    expect(await updatesDuring(stage, session, ...EVENTS)).toEqual(UPDATES[dialect]);
  });

  test.each(DIALECT_NAMES)("%s: a session has a service that is added until it is removed", async (dialect) => {
    const stage = await stageOf({ dialect, services: [] });
    const session = await opened(stage);
    stage.network.add(WIFI);
    await stage.settled();
    expect(session.status).toBe("wifi online");
    stage.network.remove("wifi");
    await stage.settled();
    expect(session.settings["Bearer"]).toBe("");
  });
});

describe("hand-over", () => {
  const UPDATES = {
    "session-2017": ["Name=cable Interface=eth0 Bearer=ethernet", "Name=wifi Interface=wlan0 Bearer=wifi"],
    "session-2011": ["Name=cable Interface=eth0 Bearer=ethernet", "Name=wifi Interface=wlan0 Bearer=wifi"],
    "connman-1.41": [
      "Name=cable IPv4= IPv6= Interface=eth0 Bearer=ethernet",
      "State=disconnected Name= IPv4= IPv6= Interface= Bearer=",
      "State=online Name=wifi IPv4= IPv6= Interface=wlan0 Bearer=wifi",
    ],
  } as const;
  test.each(DIALECT_NAMES)(
    "%s: to a preferred bearer when it comes up, and back when it goes down",
    async (dialect) => {
      const stage = await stageOf({ dialect, services: [idle(CABLE), WIFI] });
      const session = await opened(stage, { AllowedBearers: ["ethernet", "wifi"] });
      expect(await updatesDuring(stage, session, { cable: { state: "online" } }, { cable: { state: "idle" } })).toEqual(
        UPDATES[dialect],
      );
    },
  );

  test.each(DIALECT_NAMES)("%s: not to another service of the same bearer or of a later bearer", async (dialect) => {
    const cafe = { ...idle(WIFI), id: "cafe" };
    const stage = await stageOf({ dialect, services: [cafe, WIFI, idle(MODEM)] });
    const session = await opened(stage);
    expect(await updatesDuring(stage, session, { cafe: { state: "online" } }, { modem: { state: "online" } })).toEqual(
      [],
    );
  });
});

describe("AllowedBearers", () => {
  const cases: readonly (readonly [list: readonly string[], ...statuses: readonly [string, string, string]])[] = [
    [["ethernet"], "ethernet online", "ethernet online", "ethernet online"],
    [["wifi", "ethernet"], "wifi online", "wifi online", "ethernet online"],
    [["cellular", "wifi"], "cellular online", "wifi online", "wifi online"],
    [["3g", "wifi"], "wifi online", "3g online", "refused"],
    [["wifi", "*"], "wifi online", "wifi online", "ethernet online"],
    [["*", "wifi"], "ethernet online", "ethernet online", "ethernet online"],
    [["*"], "ethernet online", "ethernet online", "ethernet online"],
    [[], "disconnected", "ethernet online", "disconnected"],
    [["nonsense"], "disconnected", "", "refused"],
    [["gadget"], "disconnected", "", "disconnected"],
  ];
  describe.each(DIALECT_NAMES.map((dialect, index) => ({ dialect, index })))("$dialect", ({ dialect, index }) => {
    test.each(cases)("%j", async (list, ...statuses) => {
      const stage = await stageOf({ dialect, services: [CABLE, WIFI, MODEM] });
      const app = await stage.app();
      const session = await opened(stage, { AllowedBearers: ["ethernet"] }, app);
      const refused = (await refusal(session.change("AllowedBearers", list))) !== "done";
      await stage.settled();
      expect(refused ? "refused" : session.status).toBe(statuses[index]);
      const created = app.create({ AllowedBearers: list });
      if (refused) expect(await refusal(created)).toBe("InvalidArguments");
      else {
        await created;
        await stage.settled();
        expect((await created).status).toBe(statuses[index]);
      }
    });
  });
});

describe("ConnectionType", () => {
  const cases = [
    ["session-2017", "any", ["connected", "online"]],
    ["session-2017", "local", ["connected", "connected"]],
    ["session-2017", "internet", ["disconnected", "online"]],
    ["connman-1.41", "any", ["connected", "online"]],
    ["connman-1.41", "local", ["connected", "online"]],
    ["connman-1.41", "internet", ["disconnected", "online"]],
    ["connman-1.41", "nonsense", ["connected", "online"]],
  ] as const;
  test.each(cases)("%s: %s, with a ready service and with an online service", async (dialect, type, shown) => {
    const stage = await stageOf({ dialect, services: [ready(CABLE)] });
    const app = await stage.app();
    const first = await opened(stage, { ConnectionType: type }, app);
    const whenReady = first.settings["State"];
    stage.network.change("cable", { state: "online" });
    const second = await opened(stage, { ConnectionType: type }, app);
    expect([whenReady, second.settings["State"]]).toEqual(shown);
  });

  test("session-2017: a change applies immediately", async () => {
    const stage = await stageOf({ services: [ready(CABLE)] });
    const session = await opened(stage);
    for (const type of ["internet", "local", "local", "nonsense", "any"]) await session.change("ConnectionType", type);
    await stage.settled();
    expect(lines(session.takeUpdates())).toEqual([
      "State=disconnected Name= Interface= Bearer= ConnectionType=internet",
      "State=connected Name=cable Interface=eth0 Bearer=ethernet ConnectionType=local",
      "ConnectionType=any",
    ]);
  });
});

describe("AllowedInterface", () => {
  test.each(["session-2017", "connman-1.41"] as const)(
    "%s: one interface, an empty name and any interface",
    async (dialect) => {
      const stage = await stageOf({ dialect, services: [CABLE, WIFI] });
      const session = await opened(stage);
      const statuses: unknown[] = [];
      for (const name of ["wlan0", "eth9", "", "wlan0", "*"]) {
        await session.change("AllowedInterface", name);
        await stage.settled();
        statuses.push([session.settings["AllowedInterface"], session.status]);
      }
      expect(statuses).toEqual([
        ["wlan0", "wifi online"],
        ["eth9", "disconnected"],
        ["*", "ethernet online"],
        ["wlan0", "wifi online"],
        ["*", "ethernet online"],
      ]);
    },
  );
});
