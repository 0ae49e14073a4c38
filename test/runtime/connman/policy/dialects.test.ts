import {
  DIALECTS,
  type Dialect,
  type NetworkService,
  type SessionPolicy,
  type Settings,
  SimulatedNetwork,
  type SimulatedService,
} from "@dbus-codegen-ts/connman";
import { describe, expect, test } from "vitest";
import { allowedBearers } from "../../../../runtime/connman/policy/bearers.ts";
import type { MatchedPolicy } from "../../../../runtime/connman/policy/policy.ts";
import { readRequestedSettings, readSettingChange } from "../../../../runtime/connman/policy/requested-settings.ts";
import type { SettingEntry } from "../../../../runtime/connman/policy/settings.ts";
import type { SessionRecord } from "../../../../runtime/connman/sessions/session-record.ts";
import { SessionTable } from "../../../../runtime/connman/sessions/session-table.ts";
import { type BusField, type Decision, outcome, Refused, testDecisions } from "./decisions.ts";

const text = (name: string, value: string): SettingEntry => ({ name, signature: "s", value });
const flag = (name: string): SettingEntry => ({ name, signature: "b", value: true });
const list = (...value: readonly string[]): SettingEntry => ({ name: "AllowedBearers", signature: "as", value });

const EVERY_NAME = ["ethernet", "wifi", "bluetooth", "cellular", "3g", "gadget", "vpn", "wimax"];
const NO_RULES: SessionPolicy = {
  connectionType: "any",
  priority: false,
  roamingPolicy: "default",
  emergencyCall: false,
};
const EMERGENCY: SessionPolicy = { ...NO_RULES, emergencyCall: true };
const matchedBy = (policy: SessionPolicy): MatchedPolicy => ({ policy, matchedBy: { uid: 0 } });

const DECISIONS: Readonly<Record<Exclude<keyof Dialect, "name" | BusField>, Decision>> = {
  settings: {
    when: "the first Update has these settings, in this order",
    observe: (dialect) => Object.keys(new Scenario(dialect).create().reported).join(" "),
    results: [
      "state name ipv4 ipv6 interface bearer connectionType allowedBearers allowedInterface contextIdentifier sourceIPRule",
      "bearer online name ipv4 ipv6 interface priority allowedBearers avoidHandover stayConnected periodicConnect " +
        "idleTimeout emergencyCall roamingPolicy sessionMarker",
      "state name ipv4 ipv6 interface bearer connectionType allowedBearers allowedInterface contextIdentifier sourceIPRule",
    ],
  },
  bearers: {
    when: "a list of one name allows one bearer",
    observe: (dialect) =>
      EVERY_NAME.filter((name) => {
        const request = readRequestedSettings(dialect, [list(name)]);
        return request !== undefined && allowedBearers(dialect, request.allowedBearers, undefined).length === 1;
      }).join(" "),
    results: [
      "ethernet wifi bluetooth cellular gadget vpn",
      "ethernet wifi bluetooth 3g wimax",
      "ethernet wifi bluetooth cellular gadget",
    ],
  },
  bearersOutsideAny: {
    when: "* includes these bearers",
    observe: (dialect) => new Scenario(dialect).create(list("*")).bearers.join(" "),
    results: [
      "ethernet wifi bluetooth cellular gadget",
      "ethernet bluetooth wifi wimax cellular",
      "ethernet wifi bluetooth cellular gadget",
    ],
  },
  emptyBearers: {
    when: "AllowedBearers is empty and a cable is online",
    observe: (dialect) => new Scenario(dialect, CABLE).create(list()).bearer,
    results: ["", "ethernet", ""],
  },
  unknownBearers: {
    when: "AllowedBearers has an unknown name before ethernet",
    observe: (dialect) => new Scenario(dialect).create(list("nonsense", "ethernet")).reported.allowedBearers,
    results: [["ethernet"], ["nonsense", "ethernet"], "refused"],
  },
  bearerOrder: {
    when: "wifi is named before ethernet, and both are online",
    observe: (dialect) => new Scenario(dialect, CABLE, WIFI).create(list("wifi", "ethernet")).bearer,
    results: ["wifi", "wifi", "ethernet"],
  },
  reportedBearers: {
    when: "AllowedBearers is wifi and *",
    observe: (dialect) => new Scenario(dialect).create(list("wifi", "*")).reported.allowedBearers,
    results: [
      ["wifi", "ethernet", "bluetooth", "cellular", "gadget"],
      ["wifi", "*"],
      ["ethernet", "wifi", "bluetooth", "cellular", "gadget"],
    ],
  },
  unknownConnectionType: {
    when: "a session is created with ConnectionType online",
    observe: (dialect) => new Scenario(dialect).create(text("ConnectionType", "online")).reported.connectionType,
    results: ["any", "refused", ""],
  },
  connectionTypeOfPolicy: {
    when: "the policy of a session forces internet and is removed",
    observe: (dialect) => {
      const { table, record } = new Scenario(dialect).create();
      for (const policy of [matchedBy({ ...NO_RULES, connectionType: "internet" }), undefined]) {
        table.updatePolicies(() => policy);
      }
      return record.request.connectionType;
    },
    results: ["any", "any", "internet"],
  },
  emptyInterface: {
    when: "a session is created with an empty AllowedInterface and a cable is online",
    observe: (dialect) => new Scenario(dialect, CABLE).create(text("AllowedInterface", "")).bearer,
    results: ["ethernet", "refused", ""],
  },
  contextIdentifier: {
    when: "a session is created with ContextIdentifier tab",
    observe: (dialect) => new Scenario(dialect).create(text("ContextIdentifier", "tab")).reported.contextIdentifier,
    results: ["tab", "refused", ""],
  },
  assignment: {
    when: "a service goes from ready to online; ConnectionType becomes internet while a service is ready",
    observe: async (dialect) => {
      const ready = { ...CABLE, state: "ready" } as const;
      const updates = new Scenario(dialect, ready).create().updateServices({ ...CABLE, state: "online" });
      const toInternet = async () => new Scenario(dialect, ready).create().change(text("ConnectionType", "internet"));
      return [updates, await outcome(toInternet)];
    },
    results: [
      [
        [{ state: "online" }],
        [{ state: "disconnected", name: "", ipv4: {}, interface: "", bearer: "", connectionType: "internet" }],
      ],
      [[{ online: true, ipv4: { method: "dhcp" } }], "refused"],
      [[], [{ connectionType: "internet" }]],
    ],
  },
  localState: {
    when: "a session with ConnectionType local has a service that is online",
    observe: (dialect) => new Scenario(dialect, CABLE).create(text("ConnectionType", "local")).reported.state,
    results: ["connected", "refused", "online"],
  },
  addresses: {
    when: "a session has a service that is ready and has an address",
    observe: (dialect) => new Scenario(dialect, { ...CABLE, state: "ready" }).create().reported.ipv4,
    results: [{ method: "dhcp" }, {}, { method: "dhcp" }],
  },
  updates: {
    when: "the cable of a session is lost while wifi is online",
    observe: (dialect) =>
      new Scenario(dialect, CABLE, WIFI).create().updateServices({ ...CABLE, state: "idle" }, WIFI).length,
    results: [1, 1, 2],
  },
  equalValues: {
    when: "AllowedBearers is set to its present value",
    observe: (dialect) => new Scenario(dialect).create(list("wifi")).change(list("wifi")),
    results: [[], [], [{ allowedBearers: ["wifi"] }]],
  },
  updateOrder: {
    when: "of three sessions the second called Connect and the third has a policy with priority, and a cable comes up",
    observe: (dialect) => {
      const { table } = new Scenario(dialect).create();
      const request = readRequestedSettings(dialect, []);
      if (request === undefined) throw new Refused();
      const second = table.create("/second", ":1.1", request);
      const third = table.create("/third", ":1.1", request, matchedBy({ ...NO_RULES, priority: true }));
      for (const record of [second, third]) table.reportFirst(record);
      table.connect(second);
      table.takeEffects();
      table.updateServices([serviceOf(CABLE)]);
      return table.takeEffects().updates.map(({ session }) => session.mark);
    },
    results: [
      [258, 257, 256],
      [258, 257, 256],
      [256, 257, 258],
    ],
  },
  roaming: {
    when: "only a roaming network is available: to sessions with the policies none, forbidden, national, always",
    observe: (dialect) => {
      const { table } = new Scenario(dialect, { ...CABLE, roaming: "international" });
      const request = readRequestedSettings(dialect, []);
      if (request === undefined) throw new Refused();
      const policies = [undefined, "forbidden", "national", "always"] as const;
      return policies.map((roamingPolicy, index) => {
        const policy = roamingPolicy && matchedBy({ ...NO_RULES, roamingPolicy });
        return table.create(`/${index}`, ":1.1", request, policy).group?.assignment.service !== undefined;
      });
    },
    results: [
      [true, false, false, true],
      [false, false, false, true],
      [true, true, true, true],
    ],
  },
  emergency: {
    when: "an older session of a policy with EmergencyCall is active, then the latest, or a client sets EmergencyCall",
    observe: (dialect) => {
      const byPolicy = new Scenario(dialect).create();
      const [older, latest] = ["/older", "/latest"].map((path) =>
        byPolicy.table.create(path, ":1.2", byPolicy.record.requested, matchedBy(EMERGENCY)),
      );
      const callers = [older, latest].map((record) => {
        if (record !== undefined) byPolicy.table.connect(record);
        return byPolicy.table.emergencyCaller?.path;
      });
      const bySetting = new Scenario(dialect).create();
      if (readSettingChange(dialect, flag("EmergencyCall")) !== undefined) bySetting.change(flag("EmergencyCall"));
      return [...callers, bySetting.table.emergencyCaller?.path];
    },
    results: [
      ["/older", "/older", undefined],
      [undefined, undefined, "/0"],
      [undefined, "/latest", undefined],
    ],
  },
  othersDuringEmergency: {
    when: "the emergency call of another session begins while a session has a service, and ends",
    observe: (dialect) => {
      const scenario = new Scenario(dialect, CABLE).create();
      const caller = scenario.table.create("/e", ":1.2", scenario.record.requested, matchedBy(EMERGENCY));
      scenario.table.connect(caller);
      if (dialect.emergency === "setting") scenario.change(flag("EmergencyCall"), caller);
      const during = scenario.bearer;
      scenario.table.destroy(caller);
      return [during, scenario.bearer];
    },
    results: [
      ["", "ethernet"],
      ["", "ethernet"],
      ["ethernet", "ethernet"],
    ],
  },
  trafficDuringEmergency: {
    when: "a session makes an emergency call, and it ends",
    observe: (dialect) => {
      const scenario = new Scenario(dialect, CABLE).create();
      const caller = scenario.table.create("/e", ":1.2", scenario.record.requested, matchedBy(EMERGENCY));
      scenario.table.connect(caller);
      const isBlocking = () => scenario.table.routes(() => 0).some(({ isEmergencyCall }) => isEmergencyCall);
      if (dialect.emergency === "setting") scenario.change(flag("EmergencyCall"), caller);
      const during = isBlocking();
      scenario.table.destroy(caller);
      return [during, isBlocking()];
    },
    results: [
      [false, false],
      [true, false],
      [false, false],
    ],
  },
};

const CABLE: SimulatedService = {
  id: "cable",
  name: "Wired",
  bearer: "ethernet",
  interface: "eth0",
  state: "online",
  ipv4: { method: "dhcp" },
  ipv6: {},
};
const WIFI: SimulatedService = { id: "home", name: "Home", bearer: "wifi", interface: "wlan0", state: "online" };

testDecisions(DECISIONS);

test.each([
  ["as", [], []],
  ["au", [], []],
  ["a{sv}", {}, []],
  ["au", [1], undefined],
  ["a{sv}", { a: 1 }, undefined],
  ["s", "", undefined],
])("AllowedBearers of type %s with the value %j is read as %j", (signature, value, expected) => {
  for (const dialect of [DIALECTS["session-2017"], DIALECTS["connman-1.41"]]) {
    const entry = { name: "AllowedBearers", signature, value };
    expect(readRequestedSettings(dialect, [entry])?.allowedBearers).toEqual(expected);
  }
});

describe("session-2013", () => {
  const SETTINGS = "state name ipv4 ipv6 interface bearer connectionType allowedBearers";

  test(`the first Update has only these settings: ${SETTINGS}`, () => {
    expect(Object.keys(new Scenario(DIALECTS["session-2013"]).create().reported).join(" ")).toBe(SETTINGS);
  });

  test.each([text("AllowedInterface", "eth0"), text("ContextIdentifier", "tab"), flag("SourceIPRule")])(
    "$name is refused at creation and as a change",
    (entry) => {
      expect(readRequestedSettings(DIALECTS["session-2013"], [entry])).toBeUndefined();
      expect(readSettingChange(DIALECTS["session-2013"], entry)).toBeUndefined();
    },
  );

  test("everything else is as in session-2017", () => {
    const { name, settings } = DIALECTS["session-2013"];
    expect(DIALECTS["session-2013"]).toEqual({ ...DIALECTS["session-2017"], name, settings });
  });
});

const completed = new WeakMap<SimulatedService, NetworkService>();

/** Returns a service with default values. Equal arguments lead to the same object, as in a network. */
function serviceOf(service: SimulatedService): NetworkService {
  const [complete] = completed.has(service) ? [completed.get(service)] : new SimulatedNetwork([service]).services;
  if (complete === undefined) throw new Error("there is no service");
  completed.set(service, complete);
  return complete;
}

/** A session table that records the Updates of its first session. */
class Scenario {
  readonly table: SessionTable;
  #session: SessionRecord | undefined;

  constructor(dialect: Dialect, ...services: readonly SimulatedService[]) {
    this.table = new SessionTable(dialect);
    this.table.updateServices(services.map(serviceOf));
  }

  /** Creates a session. Only the Updates of the first session are recorded. */
  create(...entries: readonly SettingEntry[]): this {
    const request = readRequestedSettings(this.table.dialect, entries);
    if (request === undefined) throw new Refused();
    const record = this.table.create(`/${this.table.size}`, ":1.1", request);
    this.table.reportFirst(record);
    this.#session ??= record;
    return this;
  }

  get record(): SessionRecord {
    if (this.#session === undefined) throw new Error("there is no session yet");
    return this.#session;
  }

  /** All settings that the client has received, merged. */
  get reported(): Settings {
    this.table.takeEffects();
    const { reported } = this.record;
    return { ...reported?.assignment.settings, ...reported?.settings };
  }

  get bearer(): string | undefined {
    return this.reported.bearer;
  }

  get bearers(): readonly string[] {
    return this.record.request.bearers;
  }

  /** Changes a setting of a session. Returns the Updates of the first session. */
  change(entry: SettingEntry, record = this.record): readonly Settings[] {
    this.table.takeEffects();
    const change = readSettingChange(this.table.dialect, entry);
    if (change === undefined) throw new Refused();
    this.table.change(record, change);
    return this.#takeUpdates();
  }

  /** Replaces the services. Returns the Updates of the first session. */
  updateServices(...services: readonly SimulatedService[]): readonly Settings[] {
    this.table.takeEffects();
    this.table.updateServices(services.map(serviceOf));
    return this.#takeUpdates();
  }

  #takeUpdates(): readonly Settings[] {
    return this.table
      .takeEffects()
      .updates.flatMap(({ session, settings }) => (session === this.#session ? [settings] : []));
  }
}
