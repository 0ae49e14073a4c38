import { DIALECTS, type DialectName, type NetworkService, type SessionPolicy } from "@dbus-codegen-ts/connman";
import { describe, expect, test } from "vitest";
import { acceptedBearerNames, allowedBearers, bearerName } from "../../../../runtime/connman/policy/bearers.ts";
import { defaultSettings, type RequestedSettings } from "../../../../runtime/connman/policy/requested-settings.ts";
import { isConnected, type ServiceState } from "../../../../runtime/connman/policy/service.ts";
import {
  canServe,
  chooseService,
  chooseServiceToConnect,
  firstBetterService,
  requestKeyOf,
  type SessionRequest,
  sessionRequestOf,
} from "../../../../runtime/connman/policy/session-request.ts";
import { effectiveConnectionType, effectiveRoamingPolicy } from "../../../../runtime/connman/policy/setting-table.ts";
import { CABLE } from "./cable.ts";

const NO_RULES: SessionPolicy = {
  connectionType: "any",
  priority: false,
  roamingPolicy: "default",
  emergencyCall: false,
};

const REQUEST: SessionRequest = {
  bearers: ["wifi", "ethernet"],
  connectionType: "any",
  interface: "*",
  roaming: "home",
};

const WIFI: NetworkService = { ...CABLE, id: "wifi", bearer: "wifi", interface: "wlan0" };
const MODEM: NetworkService = { ...CABLE, id: "modem", bearer: "cellular", interface: "wwan0" };

const STATES: readonly ServiceState[] = [
  "idle",
  "failure",
  "association",
  "configuration",
  "ready",
  "online",
  "disconnect",
];

test("a service that is ready or online is connected", () => {
  expect(STATES.filter((state) => isConnected({ ...CABLE, state }))).toEqual(["ready", "online"]);
});

describe("a service can serve a request", () => {
  test.each<readonly [Partial<SessionRequest>, Partial<NetworkService>, boolean]>([
    [{}, {}, true],
    [{}, { state: "ready" }, true],
    [{}, { state: "idle" }, false],
    [{ connectionType: "local" }, { state: "ready" }, true],
    [{ connectionType: "internet" }, { state: "ready" }, false],
    [{ connectionType: "internet" }, { state: "online" }, true],
    [{}, { bearer: "cellular" }, false],
    [{ bearers: [] }, {}, false],
    [{ interface: "eth0" }, {}, true],
    [{ interface: "eth1" }, {}, false],
    [{ interface: "" }, {}, false],
    [{ roaming: "home" }, { roaming: "national" }, false],
    [{ roaming: "home" }, { roaming: "international" }, false],
    [{ roaming: "national" }, { roaming: "home" }, true],
    [{ roaming: "national" }, { roaming: "national" }, true],
    [{ roaming: "national" }, { roaming: "international" }, false],
    [{ roaming: "international" }, { roaming: "national" }, true],
    [{ roaming: "international" }, { roaming: "international" }, true],
  ])("%j and %j: %s", (request, service, expected) => {
    expect(canServe({ ...REQUEST, ...request }, { ...CABLE, ...service })).toBe(expected);
  });
});

describe("the service of a session is", () => {
  const second = { ...WIFI, id: "wifi 2" };
  test.each<readonly [string, readonly NetworkService[], string | undefined, string | undefined]>([
    ["none if there is none", [], undefined, undefined],
    ["none if none can serve", [MODEM], undefined, undefined],
    ["of the preferred bearer, also if it is last", [CABLE, WIFI], undefined, "wifi"],
    ["of the preferred bearer, also if it is first", [WIFI, CABLE], undefined, "wifi"],
    ["the first of the bearer", [WIFI, second], undefined, "wifi"],
    ["the present one of the bearer", [WIFI, second], "wifi 2", "wifi 2"],
    ["the present one of the bearer if it is first", [second, WIFI], "wifi 2", "wifi 2"],
    ["not the present one of a less preferred bearer", [CABLE, WIFI], "cable", "wifi"],
    ["one that is up", [{ ...WIFI, state: "idle" }, CABLE], "wifi", "cable"],
  ])("%s", (_description, services, current, expected) => {
    expect(chooseService(REQUEST, services, current)?.id).toBe(expected);
  });
});

describe("the first better service is", () => {
  test.each<readonly [string, readonly NetworkService[], NetworkService | undefined, string | undefined]>([
    ["the first that can serve, without a present one", [MODEM, CABLE, WIFI], undefined, "cable"],
    ["the first that can serve if the bearer of the present one is not allowed", [CABLE, WIFI], MODEM, "cable"],
    ["of a preferred bearer", [CABLE, WIFI], CABLE, "wifi"],
    ["none of the same bearer", [{ ...CABLE, id: "cable 2" }], CABLE, undefined],
    ["none of a less preferred bearer", [CABLE], WIFI, undefined],
    ["one that is up", [{ ...WIFI, state: "idle" }], CABLE, undefined],
  ])("%s", (_description, services, current, expected) => {
    expect(firstBetterService(REQUEST, services, current)?.id).toBe(expected);
  });
});

describe("the service to bring up is", () => {
  const idle = { ...CABLE, state: "idle" } as const;
  const idleWifi = { ...WIFI, state: "idle" } as const;
  test.each<readonly [string, readonly NetworkService[], string | undefined]>([
    ["of the preferred bearer, also if it is last", [idle, idleWifi], "wifi"],
    ["of the preferred bearer, also if it is first", [idleWifi, idle], "wifi"],
    ["the first of the bearer", [idle, { ...idle, id: "cable 2" }], "cable"],
    ["none if a suitable one is up", [idle, WIFI], undefined],
    ["none if a suitable one is ready", [idle, { ...WIFI, state: "ready" }], undefined],
    ["none during an association", [idle, { ...WIFI, state: "association" }], undefined],
    ["none during a configuration", [idle, { ...WIFI, state: "configuration" }], undefined],
    ["not affected by unsuitable ones", [{ ...MODEM, state: "association" }, MODEM, idle], "cable"],
    ["not one without AutoConnect", [{ ...idleWifi, autoConnect: false }, idle], "cable"],
    ["not one that a user took down", [{ ...idleWifi, isDisconnectedByUser: true }, idle], "cable"],
    ["not one that failed", [{ ...idleWifi, state: "failure" }, idle], "cable"],
    ["not one that is going down", [{ ...idleWifi, state: "disconnect" }, idle], "cable"],
  ])("%s", (_description, services, expected) => {
    expect(chooseServiceToConnect(REQUEST, services)?.id).toBe(expected);
  });
});

describe("the widest roaming", () => {
  // The results are those for sessions that may not roam by default, and for those that may.
  test.each<
    readonly [DialectName, RequestedSettings["roamingPolicy"], SessionPolicy["roamingPolicy"] | undefined, string]
  >([
    ["session-2017", "forbidden", undefined, "international international"],
    ["session-2017", "forbidden", "default", "international international"],
    ["session-2017", "always", "forbidden", "home home"],
    ["session-2017", "forbidden", "national", "national national"],
    ["session-2017", "forbidden", "international", "international international"],
    ["session-2017", "forbidden", "always", "international international"],
    ["session-2011", "forbidden", undefined, "home home"],
    ["session-2011", "default", undefined, "home international"],
    ["session-2011", "national", undefined, "national national"],
    ["session-2011", "always", "forbidden", "international international"],
    ["session-2011", "forbidden", "national", "national national"],
    ["session-2011", "forbidden", "default", "home home"],
    ["connman-1.41", "forbidden", "forbidden", "international international"],
  ])("%s, setting %s, policy %s: %s", (dialect, roamingPolicy, ofPolicy, expected) => {
    const settings = { ...defaultSettings(DIALECTS[dialect]), roamingPolicy };
    const policy = ofPolicy && { ...NO_RULES, roamingPolicy: ofPolicy };
    const roaming = [false, true].map(
      (isAllowed) => sessionRequestOf(DIALECTS[dialect], settings, policy, isAllowed).roaming,
    );
    expect(roaming.join(" ")).toBe(expected);
  });
});

describe("the policy and the client decide", () => {
  test.each([
    ["any", undefined, "any"],
    ["local", undefined, "local"],
    ["local", "any", "local"],
    ["local", "internet", "internet"],
    ["any", "local", "local"],
    ["", "internet", ""],
  ] as const)("ConnectionType %j of the client and %s of the policy: %j", (requested, ofPolicy, expected) => {
    const policy = ofPolicy && { ...NO_RULES, connectionType: ofPolicy };
    expect(effectiveConnectionType(requested, policy)).toBe(expected);
    const settings = { ...defaultSettings(DIALECTS["connman-1.41"]), connectionType: requested };
    const request = sessionRequestOf(DIALECTS["connman-1.41"], settings, policy, false);
    expect(request.connectionType).toBe(expected === "" ? "any" : expected);
  });

  test.each([
    ["forbidden", undefined, "forbidden"],
    ["forbidden", "default", "forbidden"],
    ["forbidden", "national", "national"],
    ["national", "always", "national"],
  ] as const)("RoamingPolicy %s of the client and %s of the policy: %s", (requested, ofPolicy, expected) => {
    expect(effectiveRoamingPolicy(requested, ofPolicy && { ...NO_RULES, roamingPolicy: ofPolicy })).toBe(expected);
  });
});

describe("bearers", () => {
  test.each<readonly [DialectName, readonly string[], readonly string[] | undefined]>([
    ["session-2017", ["wifi", "nonsense", "*", "wifi"], ["wifi", "*"]],
    ["session-2017", [""], []],
    ["session-2011", ["wifi", "nonsense", "wifi"], ["wifi", "nonsense", "wifi"]],
    ["connman-1.41", ["wifi", "nonsense"], undefined],
    ["connman-1.41", ["", "wifi", "*", "wifi"], ["wifi", "*"]],
  ])("%s accepts the names %j as %j", (dialect, names, expected) => {
    expect(acceptedBearerNames(DIALECTS[dialect], names)).toEqual(expected);
  });

  test.each<readonly [DialectName, readonly string[], SessionPolicy["allowedBearers"], string]>([
    ["session-2017", [], undefined, ""],
    ["session-2017", ["*"], undefined, "ethernet wifi bluetooth cellular gadget"],
    ["session-2017", ["vpn", "*", "wifi"], undefined, "vpn ethernet bluetooth cellular gadget wifi"],
    ["session-2017", ["wifi", "nonsense", "wifi"], undefined, "wifi"],
    ["session-2017", ["wifi", "ethernet"], ["ethernet", "wifi", "cellular"], "ethernet wifi"],
    ["session-2017", ["wifi", "ethernet"], ["cellular", "*"], "ethernet wifi"],
    ["session-2017", ["*"], ["cellular", "*"], "cellular ethernet wifi bluetooth gadget"],
    ["session-2011", [], undefined, "ethernet bluetooth wifi wimax cellular"],
    ["session-2011", ["3g", "wifi"], undefined, "cellular wifi"],
    ["connman-1.41", [], undefined, ""],
    ["connman-1.41", ["wifi", "ethernet"], undefined, "ethernet wifi"],
    ["connman-1.41", ["wifi", "ethernet"], ["wifi", "*"], "wifi ethernet"],
  ])("%s allows for the names %j and the policy %j: %s", (dialect, names, ofPolicy, expected) => {
    const policy = ofPolicy && { ...NO_RULES, allowedBearers: ofPolicy };
    expect(allowedBearers(DIALECTS[dialect], names, policy).join(" ")).toBe(expected);
  });

  test.each([
    ["session-2017", "cellular", "cellular"],
    ["session-2011", "cellular", "3g"],
    ["session-2011", "gadget", ""],
  ] as const)("the name in %s of %s is %j", (dialect, bearer, expected) => {
    expect(bearerName(DIALECTS[dialect], bearer)).toBe(expected);
  });
});

test("requests that differ have different keys", () => {
  const requests: readonly SessionRequest[] = [
    REQUEST,
    { ...REQUEST, bearers: ["ethernet", "wifi"] },
    { ...REQUEST, connectionType: "local" },
    { ...REQUEST, interface: "eth0" },
    { ...REQUEST, roaming: "national" },
  ];
  expect(new Set(requests.map(requestKeyOf)).size).toBe(requests.length);
  expect(requestKeyOf({ ...REQUEST })).toBe(requestKeyOf(REQUEST));
});
