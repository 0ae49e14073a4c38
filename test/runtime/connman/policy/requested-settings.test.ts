import { DIALECTS, type DialectName } from "@dbus-codegen-ts/connman";
import { describe, expect, test } from "vitest";
import {
  defaultSettings,
  type RequestedSettings,
  readRequestedSettings,
  readSettingChange,
} from "../../../../runtime/connman/policy/requested-settings.ts";
import {
  CLIENT_SETTING_NAMES,
  CLIENT_SETTINGS,
  isClientSetting,
} from "../../../../runtime/connman/policy/setting-table.ts";
import { SETTING_ENTRIES, type SettingEntry } from "../../../../runtime/connman/policy/settings.ts";

const SIGNATURES: ReadonlyMap<string, string> = new Map(Object.entries({ boolean: "b", number: "u" }));

const NAMES = ["session-2017", "session-2013", "session-2011", "connman-1.41"] as const;

const SAMPLES = { s: "a", as: ["wifi"], b: true, u: 1, "a{sv}": { a: 1 } } as const;

function sampleOf(type: string): unknown {
  const sample = Object.entries(SAMPLES).find(([signature]) => signature === type);
  if (sample === undefined) throw new Error(`there is no value of type ${type}`);
  return sample[1];
}

const entry = (name: string, signature: string, value: unknown): SettingEntry => ({ name, signature, value });

test("the initial settings of a dialect are one object, with every setting that a client can set", () => {
  for (const name of NAMES) {
    const settings = defaultSettings(DIALECTS[name]);
    expect(defaultSettings(DIALECTS[name])).toBe(settings);
    expect(Object.keys(settings).sort()).toEqual([...CLIENT_SETTING_NAMES, "namesInterface"].sort());
  }
  expect(defaultSettings(DIALECTS["session-2017"])).toEqual({
    connectionType: "any",
    allowedBearers: ["*"],
    allowedInterface: "*",
    contextIdentifier: "",
    sourceIPRule: false,
    priority: false,
    avoidHandover: false,
    stayConnected: false,
    periodicConnect: 0,
    idleTimeout: 0,
    emergencyCall: false,
    roamingPolicy: "forbidden",
    namesInterface: false,
  });
  expect(defaultSettings(DIALECTS["session-2011"]).allowedBearers).toEqual([]);
});

describe.each(NAMES)("%s", (name) => {
  const dialect = DIALECTS[name];
  const entries = Object.entries(SETTING_ENTRIES);

  test.each(entries.filter(([setting]) => !isClientSetting(setting)))(
    "refuses to set %s",
    (_setting, { key, type }) => {
      expect(readRequestedSettings(dialect, [entry(key, type, sampleOf(type))])).toBeUndefined();
      expect(readSettingChange(dialect, entry(key, type, sampleOf(type)))).toBeUndefined();
    },
  );

  test.each(entries)("refuses %s as a value of another type", (_setting, { key, type }) => {
    for (const [signature, value] of Object.entries(SAMPLES)) {
      if (signature !== type) expect(readRequestedSettings(dialect, [entry(key, signature, value)])).toBeUndefined();
    }
  });

  test.each(["", "Nonsense", "allowedBearers"])("refuses the unknown setting %j", (key) => {
    expect(readSettingChange(dialect, entry(key, "s", "a"))).toBeUndefined();
  });
});

describe("values are read as", () => {
  type Call = "CreateSession" | "Change";
  test.each<readonly [DialectName, Call, string, unknown, Partial<RequestedSettings> | undefined]>([
    ["session-2017", "Change", "ConnectionType", "local", { connectionType: "local" }],
    ["session-2017", "Change", "ConnectionType", "internet", { connectionType: "internet" }],
    ["session-2017", "Change", "ConnectionType", "any", { connectionType: "any" }],
    ["session-2017", "Change", "ConnectionType", "", {}],
    ["session-2017", "Change", "ConnectionType", "nonsense", {}],
    ["connman-1.41", "Change", "ConnectionType", "nonsense", { connectionType: "" }],
    ["connman-1.41", "Change", "ConnectionType", "", { connectionType: "" }],
    ["session-2017", "Change", "AllowedInterface", "eth0", { allowedInterface: "eth0", namesInterface: true }],
    ["session-2017", "Change", "AllowedInterface", "*", { allowedInterface: "*", namesInterface: true }],
    ["session-2017", "Change", "AllowedInterface", "", { allowedInterface: "*", namesInterface: false }],
    ["session-2017", "CreateSession", "AllowedInterface", "", { allowedInterface: "*", namesInterface: false }],
    ["connman-1.41", "CreateSession", "AllowedInterface", "", { allowedInterface: "", namesInterface: true }],
    ["connman-1.41", "Change", "AllowedInterface", "", { allowedInterface: "*", namesInterface: false }],
    ["session-2017", "CreateSession", "ContextIdentifier", "tab", { contextIdentifier: "tab" }],
    ["session-2017", "Change", "ContextIdentifier", "tab", { contextIdentifier: "tab" }],
    ["connman-1.41", "CreateSession", "ContextIdentifier", "tab", {}],
    ["connman-1.41", "Change", "ContextIdentifier", "tab", undefined],
    ["session-2017", "Change", "SourceIPRule", true, { sourceIPRule: true }],
    ["session-2017", "Change", "AllowedBearers", ["wifi", "?"], { allowedBearers: ["wifi"] }],
    ["session-2011", "Change", "PeriodicConnect", 60, { periodicConnect: 60 }],
    ["session-2011", "Change", "RoamingPolicy", "national", { roamingPolicy: "national" }],
    ["session-2011", "Change", "RoamingPolicy", "nonsense", undefined],
  ])("%s, %s, %s %j: %j", (name, call, key, value, change) => {
    const dialect = DIALECTS[name];
    const signature = Array.isArray(value) ? "as" : (SIGNATURES.get(typeof value) ?? "s");
    const sent = entry(key, signature, value);
    if (call === "Change") expect(readSettingChange(dialect, sent)).toEqual(change);
    else expect(readRequestedSettings(dialect, [sent])).toEqual(change && { ...defaultSettings(dialect), ...change });
  });
});

test("of a setting that is given twice, the last value applies; one invalid setting refuses all", () => {
  const dialect = DIALECTS["session-2017"];
  const [first, second] = [entry("ConnectionType", "s", "local"), entry("ConnectionType", "s", "internet")];
  expect(readRequestedSettings(dialect, [first, second])?.connectionType).toBe("internet");
  expect(readRequestedSettings(dialect, [first, entry("Nonsense", "s", "a"), second])).toBeUndefined();
});

const KINDS = {
  text: "a",
  "list of texts": ["wifi"],
  "list of numbers": [1],
  boolean: true,
  number: 1,
  dictionary: { a: 1 },
  nothing: undefined,
};

test.each([
  ["connectionType", "text, list of texts, list of numbers, boolean, number, dictionary, nothing"],
  ["allowedBearers", "list of texts"],
  ["allowedInterface", "text"],
  ["contextIdentifier", "text"],
  ["sourceIPRule", "boolean"],
  ["priority", "boolean"],
  ["idleTimeout", "number"],
  ["roamingPolicy", ""],
] as const)("the parser of %s accepts: %s", (name, expected) => {
  const accepted = Object.entries(KINDS).flatMap(([kind, value]) =>
    CLIENT_SETTINGS[name].parse(value, DIALECTS["session-2017"], "Change") === undefined ? [] : [kind],
  );
  expect(accepted.join(", ")).toBe(expected);
});
