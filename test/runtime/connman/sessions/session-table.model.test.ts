import type { DialectName, NetworkService, SessionPolicy, Settings } from "@dbus-codegen-ts/connman";
import { DIALECTS } from "@dbus-codegen-ts/connman";
import fc from "fast-check";
import { expect, test } from "vitest";
import { defaultSettings, type RequestedSettings } from "../../../../runtime/connman/policy/requested-settings.ts";
import type { SessionRecord } from "../../../../runtime/connman/sessions/session-record.ts";
import { SessionTable } from "../../../../runtime/connman/sessions/session-table.ts";
import { ReferenceModel } from "./reference-model.ts";

const DEFAULT_SETTINGS = defaultSettings(DIALECTS["session-2013"]);

/** The book, and what the clients of its sessions believe from what they heard. */
class Real {
  readonly book: SessionTable;
  readonly records = new Map<string, SessionRecord>();
  readonly believed = new Map<string, Settings>();
  readonly raised = new Set<string>();

  constructor(dialect: DialectName) {
    this.book = new SessionTable(DIALECTS[dialect]);
  }

  record(path: string): SessionRecord {
    const record = this.records.get(path);
    if (record === undefined) throw new Error(`there is no session ${path}`);
    return record;
  }

  /** Takes what follows from an event, and checks what holds for every dialect. */
  take(services: readonly NetworkService[]): Map<string, Settings> {
    const { updates, connect, disconnect } = this.book.takeEffects();
    const heard = new Map<string, Settings>();
    for (const { session, settings } of updates) {
      expect(Object.keys(settings), "an Update is never empty").not.toHaveLength(0);
      this.believed.set(session.path, { ...this.believed.get(session.path), ...settings });
      heard.set(session.path, { ...heard.get(session.path), ...settings });
    }
    for (const id of connect) {
      const service = services.find((one) => one.id === id);
      expect(service, "only what may be brought up is").toMatchObject({ state: "idle", autoConnect: true });
      this.raised.add(id);
    }
    for (const id of disconnect)
      expect(this.raised.delete(id), "only what was brought up for sessions is taken down").toBe(true);
    for (const [path, { settings, group, reported }] of this.records) {
      if (group === undefined || reported === undefined) continue;
      expect(this.believed.get(path), "no Update is lost, and none lies").toEqual({
        ...group.assignment.settings,
        ...settings,
      });
    }
    return heard;
  }
}

interface Both {
  readonly model: ReferenceModel;
  readonly real: Real;
  /** Whether the model is of the dialect of the book, and both must say the same. */
  readonly isCompared: boolean;
}

/** An event, for the book and for the model. */
interface Event {
  readonly name: string;
  run(both: Both): void;
}

const BEARERS = ["ethernet", "wifi", "cellular"] as const;
const arbitraryBearers = fc.uniqueArray(fc.constantFrom(...BEARERS, "*", "vpn"), { maxLength: 4 });
/** What clients may ask for in every dialect, and in that of 2011 besides. */
const ALWAYS = {
  allowedBearers: arbitraryBearers,
  connectionType: fc.constantFrom("any", "local", "internet"),
  allowedInterface: fc.constantFrom("*", "*", "if0", "if1"),
  contextIdentifier: fc.constantFrom("", "tab"),
  sourceIPRule: fc.boolean(),
} as const;
const IN_2011 = {
  priority: fc.boolean(),
  avoidHandover: fc.boolean(),
  emergencyCall: fc.boolean(),
  roamingPolicy: fc.constantFrom("forbidden", "national", "always"),
} as const;

function arbitraryChange(dialect: DialectName): fc.Arbitrary<Partial<RequestedSettings>> {
  const { contextIdentifier: _, ...changeable } = dialect === "session-2011" ? { ...ALWAYS, ...IN_2011 } : ALWAYS;
  return fc.oneof(...Object.entries(changeable).map(([name, value]) => fc.record({ [name]: value })));
}

/** Half of the sessions ask for the same as others, so that things happen to several at once. */
function arbitraryRequest(dialect: DialectName): fc.Arbitrary<RequestedSettings> {
  const settings = dialect === "session-2011" ? fc.record({ ...ALWAYS, ...IN_2011 }) : fc.record(ALWAYS);
  const common = fc.constantFrom<Partial<RequestedSettings>>({}, { allowedBearers: ["*"] });
  return fc.oneof(settings, common).map((asked) => ({ ...DEFAULT_SETTINGS, ...asked }));
}

const arbitraryServices: fc.Arbitrary<readonly NetworkService[]> = fc.uniqueArray(
  fc.record({
    id: fc.constantFrom("a", "b", "c", "d"),
    name: fc.constantFrom("Wired", "Home"),
    bearer: fc.constantFrom(...BEARERS),
    interface: fc.constantFrom("if0", "if1"),
    state: fc.constantFrom("idle", "failure", "configuration", "ready", "online"),
    ipv4: fc.constantFrom({}, { method: "dhcp" }, { method: "dhcp", address: "192.0.2.1" }),
    ipv6: fc.constantFrom({}, { method: "auto", address: "2001:db8::1" }),
    autoConnect: fc.boolean(),
    roaming: fc.constantFrom("home", "national", "international"),
  } as const),
  { selector: ({ id }) => id, maxLength: 4 },
);
const arbitraryPolicy: fc.Arbitrary<SessionPolicy | undefined> = fc.option(
  fc.record({
    allowedBearers: fc.constantFrom<SessionPolicy["allowedBearers"]>(undefined, ["wifi", "*"], ["cellular"]),
    connectionType: fc.constantFrom("any", "internet"),
    priority: fc.boolean(),
    roamingPolicy: fc.constant("default"),
    emergencyCall: fc.constant(false),
  } as const) as fc.Arbitrary<SessionPolicy>,
  { nil: undefined },
);
const which = fc.nat(5);

/** The path of one of the sessions there are. */
function pick({ model }: Both, index: number): string | undefined {
  return model.sessions[index % Math.max(model.sessions.length, 1)]?.path;
}

const arbitraryEvent = (dialect: DialectName): fc.Arbitrary<Event> =>
  fc.oneof(
    fc.tuple(fc.nat(3), fc.nat(2), arbitraryRequest(dialect)).map(([notifier, client, request]) => ({
      name: `create ${notifier} of ${client} ${JSON.stringify(request)}`,
      run({ model, real }: Both) {
        const [path, owner] = [`/${client}/${notifier}`, `:1.${client}`];
        if (real.records.has(path)) return;
        model.create(path, owner, request);
        const record = real.book.create(path, owner, request);
        real.records.set(path, record);
        real.book.reportFirst(record);
      },
    })),
    ...(["connect", "disconnect"] as const).map((method) =>
      which.map((index) => ({
        name: `${method} ${index}`,
        run(both: Both) {
          const path = pick(both, index);
          if (path === undefined) return;
          both.model[method](path);
          both.real.book[method](both.real.record(path));
        },
      })),
    ),
    fc.tuple(which, arbitraryChange(dialect)).map(([index, change]) => ({
      name: `change ${index} ${JSON.stringify(change)}`,
      run(both: Both) {
        const path = pick(both, index);
        if (path === undefined) return;
        both.model.change(path, change);
        both.real.book.change(both.real.record(path), change);
      },
    })),
    which.map((index) => ({
      name: `destroy ${index}`,
      run(both: Both) {
        const path = pick(both, index);
        if (path === undefined) return;
        const expected = both.model.destroy(path);
        both.real.book.destroy(both.real.record(path));
        both.real.records.delete(path);
        const heard = both.real.take(both.model.services).get(path) ?? {};
        if (both.isCompared) expect(heard).toEqual(expected);
        both.real.believed.delete(path);
      },
    })),
    fc.nat(2).map((client) => ({
      name: `client ${client} leaves`,
      run({ model, real }: Both) {
        for (const { path, owner } of model.sessions) {
          if (owner !== `:1.${client}`) continue;
          real.book.remove(real.record(path));
          real.records.delete(path);
          real.believed.delete(path);
        }
        model.leave(`:1.${client}`);
      },
    })),
    fc.tuple(which, arbitraryPolicy).map(([index, policy]) => ({
      name: `policy ${index} ${JSON.stringify(policy)}`,
      run(both: Both) {
        const path = pick(both, index);
        if (path === undefined) return;
        both.model.decide(path, policy);
        both.real.book.updatePolicies((record) =>
          record.path === path ? policy && { policy, matchedBy: { uid: 1000 } } : record.matchedPolicy,
        );
      },
    })),
    arbitraryServices.map((services) => ({
      name: `network ${JSON.stringify(services)}`,
      run({ model, real }: Both) {
        model.network(services);
        real.book.updateServices(services);
      },
    })),
  );

class Command implements fc.Command<ReferenceModel, Real> {
  readonly #event: Event;
  readonly #isCompared: boolean;

  constructor(event: Event, isCompared: boolean) {
    this.#event = event;
    this.#isCompared = isCompared;
  }

  check(): boolean {
    return true;
  }

  run(model: ReferenceModel, real: Real): void {
    this.#event.run({ model, real, isCompared: this.#isCompared });
    const expected = model.settle();
    const heard = real.take(model.services);
    if (this.#isCompared) expect(Object.fromEntries(heard)).toEqual(Object.fromEntries(expected));
  }

  toString(): string {
    return this.#event.name;
  }
}

function runCommands(dialect: DialectName, runs: number): void {
  const commands = fc.commands(
    [arbitraryEvent(dialect).map((event) => new Command(event, dialect === "session-2013"))],
    {
      maxCommands: 20,
    },
  );
  const property = fc.property(commands, (sequence) => {
    fc.modelRun(() => ({ model: new ReferenceModel(), real: new Real(dialect) }), sequence);
  });
  fc.assert(property, { numRuns: runs });
}

test("session-2013: 10,000 random histories tell clients what the reference model says", () => {
  runCommands("session-2013", 10_000);
});

test.each(["session-2011", "connman-1.41"] as const)("%s: no Update is empty, lost or wrong", (dialect) => {
  runCommands(dialect, 1000);
});

test("which service serves a session does not depend on the order in which sessions came", () => {
  const property = fc.property(
    fc.array(arbitraryRequest("session-2013"), { maxLength: 8 }),
    fc.array(arbitraryServices, { minLength: 1, maxLength: 4 }),
    fc.infiniteStream(fc.nat(7)),
    (requests, networks, picks) => {
      const indexes = requests.map((_, index) => index);
      const shuffled = [...indexes].sort(() => (picks.next().value % 2 === 0 ? 1 : -1));
      expect(assignments(requests, shuffled, networks)).toEqual(assignments(requests, indexes, networks));
    },
  );
  fc.assert(property, { numRuns: 1000 });
});

function assignments(
  requests: readonly RequestedSettings[],
  order: readonly number[],
  networks: readonly (readonly NetworkService[])[],
): Record<string, string | undefined> {
  const book = new SessionTable(DIALECTS["session-2013"]);
  const records = order.map((index) => {
    const { [index]: request = DEFAULT_SETTINGS } = requests;
    return book.create(`/${index}`, ":1.1", request);
  });
  for (const services of networks) book.updateServices(services);
  return Object.fromEntries(records.map(({ path, group }) => [path, group?.assignment.service]));
}
