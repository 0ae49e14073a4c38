import type { DialectName, NetworkService, SessionPolicy, Settings } from "@dbus-codegen-ts/connman";
import { DIALECTS } from "@dbus-codegen-ts/connman";
import fc from "fast-check";
import { expect, test } from "vitest";
import { defaultSettings, type RequestedSettings } from "../../../../runtime/connman/policy/requested-settings.ts";
import type { SessionRecord } from "../../../../runtime/connman/sessions/session-record.ts";
import { SessionTable } from "../../../../runtime/connman/sessions/session-table.ts";
import { runs } from "../../../setup/runs.ts";
import { ConnmanModel } from "./connman-model.ts";
import { ReferenceModel } from "./reference-model.ts";

const DEFAULT_SETTINGS = defaultSettings(DIALECTS["session-2017"]);

/** The real session table, with the settings of each session according to its Updates. */
class Real {
  readonly table: SessionTable;
  readonly records = new Map<string, SessionRecord>();
  readonly received = new Map<string, Settings>();
  readonly broughtUp = new Set<string>();
  /** Updates that the next call of `take` returns in addition to new Updates. */
  #kept = new Map<string, readonly Settings[]>();

  constructor(dialect: DialectName) {
    this.table = new SessionTable(DIALECTS[dialect]);
  }

  record(path: string): SessionRecord {
    const record = this.records.get(path);
    if (record === undefined) throw new Error(`there is no session ${path}`);
    return record;
  }

  keep(updates: Map<string, readonly Settings[]>): void {
    this.#kept = updates;
  }

  /**
   * Takes the effects of an event, and checks the invariants that hold in all dialects. Returns the Updates by path.
   */
  take(services: readonly NetworkService[]): Map<string, readonly Settings[]> {
    const { updates, connect, disconnect } = this.table.takeEffects();
    const received = this.#kept;
    this.#kept = new Map();
    for (const { session, settings } of updates) {
      expect(Object.keys(settings), "an Update is never empty").not.toHaveLength(0);
      this.received.set(session.path, { ...this.received.get(session.path), ...settings });
      received.set(session.path, [...(received.get(session.path) ?? []), settings]);
    }
    for (const id of connect) {
      const service = services.find((candidate) => candidate.id === id);
      expect(service, "only services that allow it are brought up").toMatchObject({ state: "idle", autoConnect: true });
      this.broughtUp.add(id);
    }
    for (const id of disconnect)
      expect(this.broughtUp.delete(id), "only services that were brought up for sessions are taken down").toBe(true);
    for (const [path, { settings, group, reported }] of this.records) {
      if (group === undefined || reported === undefined) continue;
      expect(this.received.get(path), "the Updates contain the present settings").toEqual({
        ...group.assignment.settings,
        ...settings,
      });
    }
    return received;
  }
}

type Model = ReferenceModel | ConnmanModel;

interface Both {
  readonly model: Model;
  readonly real: Real;
  /** Whether the model implements the dialect of the table. If so, table and model must agree. */
  readonly isCompared: boolean;
}

/** An event that is applied to both the table and the model. */
interface Event {
  readonly name: string;
  run(both: Both): void;
}

const BEARERS = ["ethernet", "wifi", "cellular"] as const;
const arbitraryBearers = fc.uniqueArray(fc.constantFrom(...BEARERS, "*", "vpn"), { maxLength: 4 });
/** Generators of settings: those in every dialect, and those of 2011 only. */
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
  const { allowedInterface, ...others } = changeable;
  return fc.oneof(
    fc.record({ allowedInterface, namesInterface: fc.boolean() }).map(nameInterface),
    ...Object.entries(others).map(([name, value]) => fc.record({ [name]: value })),
  );
}

/**
 * Returns settings with a valid `namesInterface`: true if AllowedInterface is not `*`, because only a client can set an
 * interface.
 */
function nameInterface<T extends Pick<RequestedSettings, "allowedInterface" | "namesInterface">>(settings: T): T {
  return { ...settings, namesInterface: settings.namesInterface || settings.allowedInterface !== "*" };
}

/** Returns a generator of settings. About half of them are equal, so that session groups have several members. */
function arbitraryRequest(dialect: DialectName): fc.Arbitrary<RequestedSettings> {
  const settings = dialect === "session-2011" ? fc.record({ ...ALWAYS, ...IN_2011 }) : fc.record(ALWAYS);
  const common = fc.constantFrom<Partial<RequestedSettings>>({}, { allowedBearers: ["*"] });
  return fc
    .oneof(settings, common)
    .map((settingsOfClient) => nameInterface({ ...DEFAULT_SETTINGS, ...settingsOfClient }));
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
    emergencyCall: fc.boolean(),
  } as const) as fc.Arbitrary<SessionPolicy>,
  { nil: undefined },
);
const which = fc.nat(5);

/**
 * Returns the path of a session; undefined if there are no sessions.
 *
 * @param index - Any number.
 */
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
        const record = real.table.create(path, owner, request);
        real.records.set(path, record);
        real.table.reportFirst(record);
      },
    })),
    ...(["connect", "disconnect"] as const).map((method) =>
      which.map((index) => ({
        name: `${method} ${index}`,
        run(both: Both) {
          const path = pick(both, index);
          if (path === undefined) return;
          both.model[method](path);
          both.real.table[method](both.real.record(path));
        },
      })),
    ),
    fc.tuple(which, arbitraryChange(dialect)).map(([index, change]) => ({
      name: `change ${index} ${JSON.stringify(change)}`,
      run(both: Both) {
        const path = pick(both, index);
        if (path === undefined) return;
        both.model.change(path, change);
        both.real.table.change(both.real.record(path), change);
      },
    })),
    which.map((index) => ({
      name: `destroy ${index}`,
      run(both: Both) {
        const path = pick(both, index);
        if (path === undefined) return;
        const expected = both.model.destroy(path);
        both.real.table.destroy(both.real.record(path));
        both.real.records.delete(path);
        const updates = both.real.take(both.model.services);
        if (both.isCompared) expect(updates.get(path) ?? []).toEqual(expected);
        updates.delete(path);
        both.real.keep(updates);
        both.real.received.delete(path);
      },
    })),
    fc.nat(2).map((client) => ({
      name: `client ${client} leaves`,
      run({ model, real }: Both) {
        for (const { path, owner } of model.sessions) {
          if (owner !== `:1.${client}`) continue;
          real.table.remove(real.record(path));
          real.records.delete(path);
          real.received.delete(path);
        }
        model.leave(`:1.${client}`);
      },
    })),
    fc.tuple(which, arbitraryPolicy).map(([index, policy]) => ({
      name: `policy ${index} ${JSON.stringify(policy)}`,
      run(both: Both) {
        const path = pick(both, index);
        if (path === undefined) return;
        both.model.setPolicy(path, policy);
        both.real.table.updatePolicies((record) =>
          record.path === path ? policy && { policy, matchedBy: { uid: 1000 } } : record.matchedPolicy,
        );
      },
    })),
    arbitraryServices.map((services) => ({
      name: `network ${JSON.stringify(services)}`,
      run(both: Both) {
        const { model, real } = both;
        // ConnMan specifies no order for several changes at the same time, so the changes are made one after another.
        const steps = model instanceof ConnmanModel ? singleChanges(model.services, services) : [services];
        for (const step of steps) {
          model.updateServices(step);
          real.table.updateServices(step);
          compareUpdates(both);
        }
      },
    })),
  );

/**
 * Divides a change of several services into steps, each of which changes one service. Returns the services after each
 * step. The bearer and interface of a service depend only on its id.
 */
function singleChanges(
  before: readonly NetworkService[],
  after: readonly NetworkService[],
): readonly (readonly NetworkService[])[] {
  let services = before;
  return [...new Set([...before, ...after].map(({ id }) => id))].map((id) => {
    const next = after.find((service) => service.id === id);
    const kind = {
      a: ["ethernet", "if0"],
      b: ["ethernet", "if1"],
      c: ["wifi", "if1"],
      d: ["cellular", "if0"],
    } as const;
    const [bearer, name] = kind[isKey(kind, id) ? id : "a"];
    const fixed = next && { ...next, bearer, name: id, interface: name };
    const others = services.filter((service) => service.id !== id);
    services = fixed === undefined ? others : [...others, fixed];
    return services;
  });
}

function isKey<T extends object>(object: T, key: PropertyKey): key is keyof T {
  return Object.hasOwn(object, key);
}

/**
 * Compares the Updates of table and model since the last call. In session-2017, also compares their order among
 * sessions.
 */
function compareUpdates({ model, real, isCompared }: Both): void {
  const expected = model.takeUpdates();
  const updates = [...real.take(model.services)].filter(([path]) => real.records.has(path));
  if (!isCompared) return;
  if (model instanceof ReferenceModel) expect(updates).toEqual([...expected]);
  else expect(Object.fromEntries(updates)).toEqual(Object.fromEntries(expected));
}

class Command implements fc.Command<Model, Real> {
  readonly #event: Event;
  readonly #isCompared: boolean;

  constructor(event: Event, isCompared: boolean) {
    this.#event = event;
    this.#isCompared = isCompared;
  }

  check(): boolean {
    return true;
  }

  run(model: Model, real: Real): void {
    const both = { model, real, isCompared: this.#isCompared };
    this.#event.run(both);
    compareUpdates(both);
  }

  toString(): string {
    return this.#event.name;
  }
}

function runCommands(dialect: DialectName, count: number): void {
  const isCompared = dialect !== "session-2011";
  const commands = fc.commands([arbitraryEvent(dialect).map((event) => new Command(event, isCompared))], {
    maxCommands: 20,
  });
  const newModel = (): Model => (dialect === "connman-1.41" ? new ConnmanModel() : new ReferenceModel());
  const property = fc.property(commands, (sequence) => {
    fc.modelRun(() => ({ model: newModel(), real: new Real(dialect) }), sequence);
  });
  fc.assert(property, { numRuns: runs(count) });
}

test("session-2017: random histories lead to the same Updates as the reference model", () => {
  runCommands("session-2017", 1200);
});

test("connman-1.41: random histories lead to the same Updates, in the same steps, as the model of ConnMan", () => {
  runCommands("connman-1.41", 1200);
});

test("session-2011: no Update is empty, lost or wrong", () => {
  runCommands("session-2011", 500);
});

test("the service of a session does not depend on the order in which sessions are created", () => {
  const property = fc.property(
    fc.array(arbitraryRequest("session-2017"), { maxLength: 8 }),
    fc.array(arbitraryServices, { minLength: 1, maxLength: 4 }),
    fc.infiniteStream(fc.nat(7)),
    (requests, networks, picks) => {
      const indexes = requests.map((_, index) => index);
      const shuffled = [...indexes].sort(() => (picks.next().value % 2 === 0 ? 1 : -1));
      expect(assignments(requests, shuffled, networks)).toEqual(assignments(requests, indexes, networks));
    },
  );
  fc.assert(property, { numRuns: runs(400) });
});

function assignments(
  requests: readonly RequestedSettings[],
  order: readonly number[],
  networks: readonly (readonly NetworkService[])[],
): Record<string, string | undefined> {
  const table = new SessionTable(DIALECTS["session-2017"]);
  const records = order.map((index) => {
    const { [index]: request = DEFAULT_SETTINGS } = requests;
    return table.create(`/${index}`, ":1.1", request);
  });
  for (const services of networks) table.updateServices(services);
  return Object.fromEntries(records.map(({ path, group }) => [path, group?.assignment.service]));
}
