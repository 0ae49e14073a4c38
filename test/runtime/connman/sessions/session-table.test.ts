import { DIALECTS, type DialectName, type NetworkService, type SessionPolicy } from "@dbus-codegen-ts/connman";
import { describe, expect, test } from "vitest";
import { defaultSettings, type RequestedSettings } from "../../../../runtime/connman/policy/requested-settings.ts";
import { SessionGroups } from "../../../../runtime/connman/sessions/session-group.ts";
import type { SessionRecord } from "../../../../runtime/connman/sessions/session-record.ts";
import { SessionTable } from "../../../../runtime/connman/sessions/session-table.ts";

const DEFAULT_SETTINGS = defaultSettings(DIALECTS["session-2013"]);

// What the book has done to services and to its cohorts; what clients hear is in sessions.test.ts and dialects.test.ts.

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

/** A book, and which services it has had brought up and taken down. */
class Story {
  readonly book: SessionTable;
  readonly done: string[] = [];
  #count = 0;

  constructor(dialect: DialectName = "session-2013") {
    this.book = new SessionTable(DIALECTS[dialect]);
  }

  create(request: Partial<RequestedSettings> = {}): SessionRecord {
    const number = ++this.#count;
    const record = this.book.create(`/${number}`, `:1.${number}`, { ...DEFAULT_SETTINGS, ...request });
    this.book.reportFirst(record);
    return record;
  }

  connect(record: SessionRecord, again = false): SessionRecord {
    this.book.connect(record, again);
    this.#take();
    return record;
  }

  disconnect(record: SessionRecord): void {
    this.book.disconnect(record);
    this.#take();
  }

  network(...services: readonly NetworkService[]): void {
    this.book.updateServices(services);
    this.#take();
  }

  #take(): void {
    const { connect, disconnect } = this.book.takeEffects();
    this.done.push(...connect.map((id) => `+${id}`), ...disconnect.map((id) => `-${id}`));
  }
}

describe("a service is brought up", () => {
  const up = { ...WIFI, state: "online" } as const;
  const cases: Readonly<Record<string, readonly [tell: (story: Story) => void, done: string]>> = {
    "for a session that asks for a connection and has none": [(s) => s.connect(s.create()), "+wifi"],
    "once for several": [(s) => [s.create(), s.create()].map((one) => s.connect(one)), "+wifi"],
    "not for one that rides along": [(s) => s.create(), ""],
    "not where one is on its way": [
      (s) => {
        s.network({ ...WIFI, state: "association" }, MODEM);
        s.connect(s.create());
      },
      "",
    ],
    "by the bearer that is preferred": [
      (s) => {
        s.network(WIFI, MODEM);
        s.connect(s.create({ allowedBearers: ["cellular", "wifi"] }));
      },
      "+modem",
    ],
    "again when it was lost": [
      (s) => {
        s.connect(s.create());
        s.network(up);
        s.network(WIFI);
      },
      "+wifi +wifi",
    ],
    "another one when it was lost": [
      (s) => {
        s.network(up, MODEM);
        s.connect(s.create());
        s.network(MODEM);
      },
      "+modem",
    ],
    "again when it is down still, and another than before": [
      (s) => {
        s.connect(s.create());
        s.network({ ...WIFI, name: "Other" }, MODEM);
      },
      "+wifi +wifi",
    ],
    "again where the session tries again": [(s) => s.connect(s.connect(s.create()), true), "+wifi +wifi"],
    "not when it has failed": [
      (s) => {
        s.connect(s.create());
        s.network({ ...WIFI, state: "failure" });
      },
      "+wifi",
    ],
    "and taken down when nobody wants it": [(s) => s.disconnect(s.connect(s.create())), "+wifi -wifi"],
    "and stays as long as another wants it": [
      (s) => {
        const [one, other] = [s.connect(s.create()), s.connect(s.create())];
        s.disconnect(one);
        s.network(up);
        s.disconnect(other);
      },
      "+wifi -wifi",
    ],
    "and not taken down where it came up by itself": [
      (s) => {
        s.network(up);
        s.disconnect(s.connect(s.create()));
      },
      "",
    ],
    "and not taken down once it was down in between": [
      (s) => {
        const session = s.connect(s.create());
        s.network({ ...WIFI, state: "failure" });
        s.network(up);
        s.disconnect(session);
      },
      "+wifi",
    ],
  };
  test.each(Object.entries(cases))("%s", (_, [tell, done]) => {
    const story = new Story();
    story.network(WIFI);
    tell(story);
    expect(story.done.join(" ")).toBe(done);
  });

  test("not for those who wait for the end of an emergency call", () => {
    const story = new Story("session-2011");
    story.network(WIFI);
    story.create({ emergencyCall: true });
    story.connect(story.create());
    expect(story.done).toEqual([]);
  });
});

test("a policy that no longer lets a session make emergency calls puts nobody behind it", () => {
  const { book } = new Story("connman-1.41");
  const [caller, other] = ["/1", "/2"].map((path) => book.create(path, ":1.1", DEFAULT_SETTINGS));
  if (caller === undefined || other === undefined) throw new Error("there are two");
  const policy: SessionPolicy = {
    connectionType: "any",
    priority: false,
    roamingPolicy: "default",
    emergencyCall: true,
  };
  book.updatePolicies((record) => (record === caller ? { policy, matchedBy: { uid: 1 } } : undefined));
  expect([book.isOutranked(caller), book.isOutranked(other)]).toEqual([false, true]);
  book.updatePolicies(() => undefined);
  expect(book.isOutranked(other)).toBe(false);
});

describe("sessions in one situation are decided for at once", () => {
  test("from the beginning, and when they have come into the same again", () => {
    const story = new Story();
    const [one, other] = [story.create(), story.create()];
    expect(one.group).toBe(other.group);
    story.disconnect(one);
    expect(one.group).not.toBe(other.group);
    story.network({ ...WIFI, state: "online" });
    expect(one.group).toBe(other.group);
    expect([...(one.group?.members ?? [])].map(({ path }) => path).toSorted()).toEqual(["/1", "/2"]);
    story.network();
    expect([one, other].map(({ group }) => group?.assignment.service)).toEqual([undefined, undefined]);
  });

  test("cohorts that nobody is in any more are kept nowhere", () => {
    const story = new Story();
    const [one, other] = [story.create(), story.create()];
    const [situation, connection] = [one.group?.state, one.group?.assignment];
    if (situation === undefined || connection === undefined) throw new Error("it is in a situation");
    const cohorts = new SessionGroups();
    const count = (): number => cohorts.onInterfaces(new Set()).length;
    cohorts.place(one, situation, connection);
    cohorts.place(other, { ...situation, awaitingService: true }, connection);
    expect(count()).toBe(2);
    const { group } = other;
    if (group !== undefined) cohorts.moveMembers(group, situation, connection);
    expect([count(), one.group === other.group]).toEqual([1, true]);
    for (const record of [one, other]) cohorts.remove(record);
    expect(count()).toBe(0);
  });
});
