import { DIALECTS, type DialectName, type NetworkService, type SessionPolicy } from "@dbus-codegen-ts/connman";
import { describe, expect, test } from "vitest";
import { defaultSettings, type RequestedSettings } from "../../../../runtime/connman/policy/requested-settings.ts";
import { SessionGroups } from "../../../../runtime/connman/sessions/session-groups.ts";
import type { SessionRecord } from "../../../../runtime/connman/sessions/session-record.ts";
import { SessionTable } from "../../../../runtime/connman/sessions/session-table.ts";

const DEFAULT_SETTINGS = defaultSettings(DIALECTS["session-2017"]);

const WIFI: NetworkService = {
  id: "wifi",
  name: "Home",
  bearer: "wifi",
  interface: "wlan0",
  state: "idle",
  ipv4: {},
  ipv6: {},
  autoConnect: true,
  roaming: "home",
};
const MODEM: NetworkService = { ...WIFI, id: "modem", bearer: "cellular", interface: "wwan0" };

/** A session table that records which services it brought up (`+id`) and took down (`-id`). */
class Scenario {
  readonly table: SessionTable;
  readonly log: string[] = [];
  #count = 0;

  constructor(dialect: DialectName = "session-2017") {
    this.table = new SessionTable(DIALECTS[dialect]);
  }

  create(settings: Partial<RequestedSettings> = {}): SessionRecord {
    const number = ++this.#count;
    const record = this.table.create(`/${number}`, `:1.${number}`, { ...DEFAULT_SETTINGS, ...settings });
    this.table.reportFirst(record);
    return record;
  }

  connect(record: SessionRecord, isRepeated = false): SessionRecord {
    this.table.connect(record, isRepeated);
    this.#takeEffects();
    return record;
  }

  disconnect(record: SessionRecord): void {
    this.table.disconnect(record);
    this.#takeEffects();
  }

  updateServices(...services: readonly NetworkService[]): void {
    this.table.updateServices(services);
    this.#takeEffects();
  }

  #takeEffects(): void {
    const { connect, disconnect } = this.table.takeEffects();
    this.log.push(...connect.map((id) => `+${id}`), ...disconnect.map((id) => `-${id}`));
  }
}

describe("a service is brought up", () => {
  const up = { ...WIFI, state: "online" } as const;
  const cases: Readonly<Record<string, readonly [run: (scenario: Scenario) => void, log: string]>> = {
    "for an active session without a service": [(s) => s.connect(s.create()), "+wifi"],
    "once for several sessions": [(s) => [s.create(), s.create()].map((record) => s.connect(record)), "+wifi"],
    "not for a session that is not active": [(s) => s.create(), ""],
    "not if another one is coming up": [
      (s) => {
        s.updateServices({ ...WIFI, state: "association" }, MODEM);
        s.connect(s.create());
      },
      "",
    ],
    "of the preferred bearer": [
      (s) => {
        s.updateServices(WIFI, MODEM);
        s.connect(s.create({ allowedBearers: ["cellular", "wifi"] }));
      },
      "+modem",
    ],
    "a second time after it was lost": [
      (s) => {
        s.connect(s.create());
        s.updateServices(up);
        s.updateServices(WIFI);
      },
      "+wifi +wifi",
    ],
    "instead of another one that was lost": [
      (s) => {
        s.updateServices(up, MODEM);
        s.connect(s.create());
        s.updateServices(MODEM);
      },
      "+modem",
    ],
    "a second time if it has changed and is still down": [
      (s) => {
        s.connect(s.create());
        s.updateServices({ ...WIFI, name: "Other" }, MODEM);
      },
      "+wifi +wifi",
    ],
    "a second time by a repeated attempt": [(s) => s.connect(s.connect(s.create()), true), "+wifi +wifi"],
    "not after it has failed": [
      (s) => {
        s.connect(s.create());
        s.updateServices({ ...WIFI, state: "failure" });
      },
      "+wifi",
    ],
    "and taken down with the last active session": [(s) => s.disconnect(s.connect(s.create())), "+wifi -wifi"],
    "and stays up while another session is active": [
      (s) => {
        const [first, second] = [s.connect(s.create()), s.connect(s.create())];
        s.disconnect(first);
        s.updateServices(up);
        s.disconnect(second);
      },
      "+wifi -wifi",
    ],
    "and not taken down if no session brought it up": [
      (s) => {
        s.updateServices(up);
        s.disconnect(s.connect(s.create()));
      },
      "",
    ],
    "and not taken down if it was down in between": [
      (s) => {
        const session = s.connect(s.create());
        s.updateServices({ ...WIFI, state: "failure" });
        s.updateServices(up);
        s.disconnect(session);
      },
      "+wifi",
    ],
  };
  test.each(Object.entries(cases))("%s", (_, [run, log]) => {
    const scenario = new Scenario();
    scenario.updateServices(WIFI);
    run(scenario);
    expect(scenario.log.join(" ")).toBe(log);
  });

  test("not for sessions that an emergency call blocks", () => {
    const scenario = new Scenario("session-2011");
    scenario.updateServices(WIFI);
    scenario.create({ emergencyCall: true });
    scenario.connect(scenario.create());
    expect(scenario.log).toEqual([]);
  });
});

test("a session is outranked only while the policy of another one allows emergency calls", () => {
  const { table } = new Scenario("session-2017");
  const [caller, other] = ["/1", "/2"].map((path) => table.create(path, ":1.1", DEFAULT_SETTINGS));
  if (caller === undefined || other === undefined) throw new Error("two sessions were created");
  const policy: SessionPolicy = {
    connectionType: "any",
    priority: false,
    roamingPolicy: "default",
    emergencyCall: true,
  };
  table.updatePolicies((record) => (record === caller ? { policy, matchedBy: { uid: 1 } } : undefined));
  expect([table.isOutranked(caller), table.isOutranked(other)]).toEqual([false, true]);
  table.updatePolicies(() => undefined);
  expect(table.isOutranked(other)).toBe(false);
});

describe("session groups", () => {
  test("contain sessions with equal state, also after their states differed", () => {
    const scenario = new Scenario();
    const [first, second] = [scenario.create(), scenario.create()];
    expect(first.group).toBe(second.group);
    scenario.disconnect(first);
    expect(first.group).not.toBe(second.group);
    scenario.updateServices({ ...WIFI, state: "online" });
    expect(first.group).toBe(second.group);
    expect([...(first.group?.members ?? [])].map(({ path }) => path).toSorted()).toEqual(["/1", "/2"]);
    scenario.updateServices();
    expect([first, second].map(({ group }) => group?.assignment.service)).toEqual([undefined, undefined]);
  });

  test("are removed with their last member", () => {
    const scenario = new Scenario();
    const [first, second] = [scenario.create(), scenario.create()];
    const [state, assignment] = [first.group?.state, first.group?.assignment];
    if (state === undefined || assignment === undefined) throw new Error("the session has a group");
    const groups = new SessionGroups();
    const count = (): number => groups.onInterfaces(new Set()).length;
    groups.place(first, state, assignment);
    groups.place(second, { ...state, awaitingService: true }, assignment);
    expect(count()).toBe(2);
    const { group } = second;
    if (group !== undefined) groups.moveMembers(group, state, assignment);
    expect([count(), first.group === second.group]).toEqual([1, true]);
    for (const record of [first, second]) groups.remove(record);
    expect(count()).toBe(0);
  });
});
