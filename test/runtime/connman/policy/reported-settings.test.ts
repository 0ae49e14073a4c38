import { DIALECTS, type DialectName, type NetworkService, type Settings } from "@dbus-codegen-ts/connman";
import { describe, expect, test } from "vitest";
import {
  type Assignment,
  assignmentTo,
  changedServiceSettings,
  changedSessionSettings,
  sessionSettings,
} from "../../../../runtime/connman/policy/reported-settings.ts";
import { defaultSettings } from "../../../../runtime/connman/policy/requested-settings.ts";
import type { SessionRequest } from "../../../../runtime/connman/policy/session-request.ts";
import type { SettingName } from "../../../../runtime/connman/policy/settings.ts";
import { CABLE } from "./cable.ts";

const REQUEST: SessionRequest = { bearers: ["ethernet"], connectionType: "any", interface: "*", roaming: "home" };

const MODEM: NetworkService = { ...CABLE, id: "modem", name: "", bearer: "cellular", interface: "wwan0" };

const { "session-2017": SESSION_2017, "session-2011": SESSION_2011, "connman-1.41": CONNMAN } = DIALECTS;

describe("the settings of a service are reported", () => {
  const none = { name: "", ipv4: {}, ipv6: {}, interface: "", bearer: "" };
  const cable = { name: "Wired", ipv4: CABLE.ipv4, ipv6: CABLE.ipv6, interface: "eth0", bearer: "ethernet" };
  test.each<readonly [DialectName, Partial<SessionRequest>, NetworkService | undefined, Settings]>([
    ["session-2017", {}, undefined, { state: "disconnected", ...none }],
    ["session-2017", {}, CABLE, { state: "online", ...cable }],
    ["session-2017", {}, { ...CABLE, state: "ready" }, { state: "connected", ...cable }],
    ["session-2017", { connectionType: "internet" }, CABLE, { state: "online", ...cable }],
    ["session-2017", { connectionType: "local" }, CABLE, { state: "connected", ...cable }],
    ["connman-1.41", { connectionType: "local" }, CABLE, { state: "online", ...cable }],
    ["session-2011", {}, undefined, { online: false, ...none }],
    ["session-2011", {}, CABLE, { online: true, ...cable }],
    ["session-2011", {}, { ...CABLE, state: "ready" }, { online: false, ...cable, ipv4: {}, ipv6: {} }],
    ["session-2011", { connectionType: "local" }, CABLE, { online: false, ...cable, ipv4: {}, ipv6: {} }],
    [
      "session-2011",
      {},
      { ...MODEM, bearer: "gadget" },
      { online: true, ...cable, name: "", interface: "wwan0", bearer: "" },
    ],
  ])("%s, request %j, service %j: %j", (dialect, request, service, settings) => {
    const expected = { service: service?.id, settings };
    expect(assignmentTo(DIALECTS[dialect], { ...REQUEST, ...request }, service)).toEqual(expected);
  });
});

describe("equal assignments in succession are the same object", () => {
  /** Returns a letter for each assignment. Assignments that are the same object have the same letter. */
  const lettersOf = (services: readonly (NetworkService | undefined)[]): string => {
    const request = { ...REQUEST };
    const assignments = services.map((service) => assignmentTo(SESSION_2017, request, service));
    const distinct = [...new Set(assignments)];
    return assignments.map((assignment) => "ABCDEF"[distinct.indexOf(assignment)]).join("");
  };
  test.each<readonly [string, readonly (NetworkService | undefined)[], string]>([
    ["of a service", [CABLE, CABLE, CABLE], "AAA"],
    ["of no service", [undefined, undefined], "AA"],
    ["of a service and of none", [CABLE, undefined, CABLE, undefined], "ABAB"],
    ["of none and of a service", [undefined, CABLE, undefined, CABLE], "ABAB"],
    ["of none, also after other services", [undefined, CABLE, MODEM, undefined, MODEM], "ABCAC"],
    ["but not of a service that has changed", [CABLE, { ...CABLE }], "AB"],
    ["but not of another service in between", [CABLE, MODEM, CABLE], "ABC"],
  ])("%s", (_description, services, letters) => {
    expect(lettersOf(services)).toBe(letters);
  });

  test("but not of another dialect", () => {
    const request: SessionRequest = { ...REQUEST, connectionType: "local" };
    const states = [SESSION_2017, CONNMAN, SESSION_2017].map(
      (dialect) => assignmentTo(dialect, request, CABLE).settings.state,
    );
    expect(states).toEqual(["connected", "online", "connected"]);
  });
});

describe("after a change of the assignment, the settings of the service are reported", () => {
  const of = (settings: Settings, service: string | undefined = "cable"): Assignment => ({ service, settings });
  const ipv4 = { method: "dhcp", address: "10.0.0.2" };
  test.each<readonly [string, Assignment, Assignment, modern: Settings, connman: Settings]>([
    ["not if nothing has changed", of({ state: "online", ipv4 }), of({ state: "online", ipv4 }), {}, {}],
    [
      "if they have changed",
      of({ state: "ready" as "online" }),
      of({ state: "online" }),
      { state: "online" },
      { state: "online" },
    ],
    ["as ConnMan also if they are set to equal values", of({ ipv4 }), of({ ipv4: { ...ipv4 } }), {}, { ipv4 }],
    [
      "if an entry has changed",
      of({ ipv4 }),
      of({ ipv4: { ...ipv4, address: "10.0.0.3" } }),
      { ipv4: { ...ipv4, address: "10.0.0.3" } },
      { ipv4: { ...ipv4, address: "10.0.0.3" } },
    ],
    [
      "if an entry is added",
      of({ ipv4 }),
      of({ ipv4: { ...ipv4, gateway: "g" } }),
      { ipv4: { ...ipv4, gateway: "g" } },
      { ipv4: { ...ipv4, gateway: "g" } },
    ],
    [
      "if an entry is removed",
      of({ ipv4 }),
      of({ ipv4: { method: "dhcp" } }),
      { ipv4: { method: "dhcp" } },
      { ipv4: { method: "dhcp" } },
    ],
    [
      "if an entry is renamed",
      of({ ipv4: { method: "dhcp" } }),
      of({ ipv4: { address: "dhcp" } }),
      { ipv4: { address: "dhcp" } },
      { ipv4: { address: "dhcp" } },
    ],
    [
      "as ConnMan together, but for the state, if the service is another",
      of({ state: "online", name: "" }),
      of({ state: "online", name: "" }, "modem"),
      {},
      { name: "" },
    ],
    ["if they were not reported before", of({}), of({ ipv4 }), { ipv4 }, { ipv4 }],
  ])("%s", (_description, before, after, modern, connman) => {
    expect(changedServiceSettings(SESSION_2017, before, after)).toEqual(modern);
    expect(changedServiceSettings(CONNMAN, before, after)).toEqual(connman);
  });
});

describe("of the settings of a session, those are reported that", () => {
  const WIFI = { allowedBearers: ["wifi"] };
  test.each<readonly [string, Settings, Settings, readonly SettingName[], Settings]>([
    [
      "have changed",
      { ...WIFI, contextIdentifier: "a" },
      { ...WIFI, contextIdentifier: "b" },
      [],
      { contextIdentifier: "b" },
    ],
    [
      "are not equal lists",
      WIFI,
      { allowedBearers: ["wifi", "ethernet"] },
      [],
      { allowedBearers: ["wifi", "ethernet"] },
    ],
    ["were not reported before", {}, WIFI, [], WIFI],
    ["are equal, but repeated", WIFI, { allowedBearers: ["wifi"] }, ["allowedBearers"], WIFI],
    ["exist, if others are repeated", {}, {}, ["allowedBearers"], {}],
  ])("%s", (_description, before, after, repeated, expected) => {
    expect(changedSessionSettings(SESSION_2017, before, after, repeated)).toEqual(expected);
  });

  test("are in the order of the dialect", () => {
    const after = { sourceIPRule: true, allowedBearers: [], connectionType: "local" } as const;
    expect(Object.keys(changedSessionSettings(SESSION_2017, {}, after, []))).toEqual([
      "connectionType",
      "allowedBearers",
      "sourceIPRule",
    ]);
  });
});

test.each([
  [
    SESSION_2017,
    "session-2017",
    {
      connectionType: "any",
      allowedBearers: ["wifi", "cellular"],
      allowedInterface: "*",
      contextIdentifier: "",
      sourceIPRule: false,
    },
  ],
  [
    SESSION_2011,
    "session-2011",
    {
      priority: true,
      allowedBearers: [],
      avoidHandover: false,
      stayConnected: false,
      periodicConnect: 0,
      idleTimeout: 0,
      emergencyCall: true,
      roamingPolicy: "national",
      sessionMarker: 7,
    },
  ],
] as const)(
  "a session reports the values that its policy and the emergency call determine: $1",
  (dialect, _name, expected) => {
    const policy = { connectionType: "any", priority: true, roamingPolicy: "national", emergencyCall: true } as const;
    const view = { dialect, policy, bearers: ["wifi", "cellular"], emergencyCall: true, mark: 7 } as const;
    expect(sessionSettings(view, defaultSettings(dialect))).toEqual(expected);
  },
);

test.each([
  [false, undefined, false],
  [true, undefined, true],
  [false, false, false],
  [true, false, true],
  [false, true, true],
] as const)("with Priority %s of the client and %s of the policy, %s is reported", (requested, ofPolicy, expected) => {
  const policy =
    ofPolicy === undefined
      ? undefined
      : ({ connectionType: "any", priority: ofPolicy, roamingPolicy: "default", emergencyCall: false } as const);
  const view = { dialect: SESSION_2011, policy, bearers: [], emergencyCall: false, mark: 0 };
  expect(sessionSettings(view, { ...defaultSettings(SESSION_2011), priority: requested }).priority).toBe(expected);
});
