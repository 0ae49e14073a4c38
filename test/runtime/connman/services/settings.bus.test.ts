import { Variant } from "@dbus-codegen-ts/runtime";
import { describe, expect, test } from "vitest";
import { keep } from "../disposables.ts";
import { CABLE, DIALECT_NAMES, refusal, Stage, TestClock, WIFI } from "../support.ts";

describe("Change with an invalid name, type or value [S10]", () => {
  const LARGEST = 2 ** 32 - 1;
  const wrong = (signature: string, value: unknown) => new Variant(signature, value);
  const ANY: readonly (readonly [name: string, value: unknown, outcome: string])[] = [
    ["Nonsense", "x", "InvalidArguments"],
    ["", "x", "InvalidArguments"],
    ["allowedbearers", wrong("as", ["wifi"]), "InvalidArguments"],
    ["Bearer", "wifi", "InvalidArguments"],
    ["IPv4", wrong("a{sv}", {}), "InvalidArguments"],
    ["AllowedBearers", wrong("s", "wifi"), "InvalidArguments"],
    ["AllowedBearers", wrong("av", [wrong("s", "wifi")]), "InvalidArguments"],
    ["AllowedBearers", wrong("v", wrong("as", ["wifi"])), "InvalidArguments"],
  ];
  const CASES = {
    "session-2017": [
      ...ANY,
      ["State", "online", "InvalidArguments"],
      ["ConnectionType", wrong("b", true), "InvalidArguments"],
      ["SourceIPRule", wrong("u", 1), "InvalidArguments"],
      ["SourceIPRule", wrong("s", "true"), "InvalidArguments"],
      ["AllowedInterface", wrong("o", "/eth0"), "InvalidArguments"],
      ["ContextIdentifier", wrong("ay", new Uint8Array(1)), "InvalidArguments"],
      ["Priority", true, "InvalidArguments"],
      ["ConnectionType", "nonsense", "done"],
    ],
    "session-2011": [
      ...ANY,
      ["Online", wrong("b", true), "InvalidArguments"],
      ["SessionMarker", wrong("u", 7), "InvalidArguments"],
      ["ConnectionType", "local", "InvalidArguments"],
      ["IdleTimeout", wrong("i", 1), "InvalidArguments"],
      ["IdleTimeout", wrong("t", 2n ** 32n), "InvalidArguments"],
      ["IdleTimeout", wrong("d", 1), "InvalidArguments"],
      ["IdleTimeout", 0, "done"],
      ["PeriodicConnect", wrong("q", 1), "InvalidArguments"],
      ["PeriodicConnect", 0, "done"],
      ["RoamingPolicy", "nonsense", "InvalidArguments"],
      ["RoamingPolicy", "", "InvalidArguments"],
      ["RoamingPolicy", "Forbidden", "InvalidArguments"],
      ["RoamingPolicy", wrong("o", "/forbidden"), "InvalidArguments"],
      ["RoamingPolicy", "forbidden", "done"],
      ["Priority", wrong("u", 1), "InvalidArguments"],
      ["EmergencyCall", wrong("s", "true"), "InvalidArguments"],
    ],
    "connman-1.41": [
      ...ANY,
      ["State", "online", "InvalidArguments"],
      ["ContextIdentifier", "tab", "InvalidArguments"],
      ["AllowedBearers", ["Ethernet"], "InvalidArguments"],
      ["RoamingPolicy", "forbidden", "InvalidArguments"],
    ],
  } as const;
  test.each(DIALECT_NAMES)("%s: is refused or has no effect, without an Update", async (dialect) => {
    const stage = keep(await Stage.open({ dialect }));
    const session = await (await stage.app()).create();
    await stage.settled();
    const before = session.settings;
    session.takeUpdates();
    for (const [name, value, outcome] of CASES[dialect]) {
      expect([name, value, await refusal(session.change(name, value))]).toEqual([name, value, outcome]);
    }
    await stage.settled();
    expect(session.takeUpdates()).toEqual([]);
    expect(before).not.toEqual({});
  });

  test.each([
    ["IdleTimeout", 1],
    ["IdleTimeout", LARGEST],
    ["PeriodicConnect", 1],
    ["PeriodicConnect", LARGEST],
  ])("session-2011: %s accepts %i, and 0 after that", async (name, value) => {
    const clock = new TestClock();
    const stage = keep(await Stage.open({ dialect: "session-2011", clock }));
    const session = await (await stage.app()).create();
    await stage.settled();
    session.takeUpdates();
    await session.change(name, value);
    await session.change(name, value);
    expect(clock.timers).toBe(1);
    await session.change(name, 0);
    await stage.settled();
    expect(session.takeUpdates()).toEqual([{ [name]: value }, { [name]: 0 }]);
    expect(clock.timers).toBe(0);
  });

  test.each(DIALECT_NAMES)("%s: an invalid setting at creation creates no session", async (dialect) => {
    const stage = keep(await Stage.open({ dialect }));
    const app = await stage.app();
    for (const settings of [{ Nonsense: "x" }, { Bearer: "wifi" }, { AllowedBearers: wrong("s", "wifi") }]) {
      expect(await refusal(app.create({ AllowedBearers: ["wifi"], ...settings }))).toBe("InvalidArguments");
    }
    expect(stage.server.sessions).toBe(0);
  });
});

describe("AllowedBearers [S11]", () => {
  const ALL = ["ethernet", "wifi", "bluetooth", "cellular", "gadget"];
  const LONG = "x".repeat(1_000_000);
  const lists: readonly (readonly [name: string, list: readonly string[], shown: unknown, status: string])[] = [
    ["empty", [], [], "disconnected"],
    ["*", ["*"], ALL, "ethernet online"],
    ["a repeated name", ["wifi", "wifi"], ["wifi"], "wifi online"],
    ["a repeated *", ["*", "wifi", "*"], ["ethernet", "bluetooth", "cellular", "gadget", "wifi"], "ethernet online"],
    ["unknown names", ["", "Wifi", "wifi\n", "wifi", "lo"], ["wifi"], "wifi online"],
    ["only unknown names", ["nonsense"], [], "disconnected"],
    ["the maximum number of names", Array.from({ length: 64 }, () => "wifi"), ["wifi"], "wifi online"],
  ];
  test.each(lists)("session-2017: %s", async (_, list, shown, status) => {
    const stage = keep(await Stage.open({ services: [CABLE, WIFI] }));
    const session = await (await stage.app()).create({ AllowedBearers: list });
    await stage.settled();
    expect([session.settings["AllowedBearers"], session.status]).toEqual([shown, status]);
    await session.change("AllowedBearers", ["ethernet"]);
    await session.change("AllowedBearers", list);
    expect([session.settings["AllowedBearers"], session.status]).toEqual([shown, status]);
  });

  test.each(DIALECT_NAMES)("%s: 100,000 entries and names of 1 MB exceed the quota", async (dialect) => {
    const stage = keep(await Stage.open({ dialect }));
    const app = await stage.app();
    const session = await app.create();
    const tooMuch: readonly (readonly [string, unknown])[] = [
      ["AllowedBearers", Array.from({ length: 65 }, () => "ethernet")],
      ["AllowedBearers", Array.from({ length: 100_000 }, () => "ethernet")],
      ["AllowedBearers", ["ethernet", LONG]],
      ["ConnectionType", LONG],
      [LONG, "x"],
    ];
    for (const [name, value] of tooMuch) {
      expect(await refusal(session.change(name, value))).toBe("LimitsExceeded");
      expect(await refusal(app.create({ [name]: value }))).toBe("LimitsExceeded");
    }
    expect(stage.server.sessions).toBe(1);
    expect(await refusal(session.connect())).toBe("done");
  });
});
