import type { SessionRoute } from "../adapters/routing/routing.ts";
import type { Dialect } from "../policy/dialect.ts";
import type { MatchedPolicy } from "../policy/policy.ts";
import { type Connection, connectionTo } from "../policy/reported-settings.ts";
import type { RequestedSettings } from "../policy/requested-settings.ts";
import type { NetworkService } from "../policy/service.ts";
import type { SettingName } from "../policy/settings.ts";
import { assigned, hasLost, reassigned, type Services, servicesChange } from "./allocation.ts";
import { ConnectedServices } from "./brought-up-services.ts";
import { Emergency } from "./emergency-calls.ts";
import { type AllocationState, type SessionGroup, SessionGroups } from "./session-group.ts";
import { type EffectiveSettings, SessionRecord, termsOf } from "./session-record.ts";
import { type SessionUpdate, UpdateQueue } from "./update-queue.ts";

/** What is to be done after something has happened. */
export interface Effects {
  /** What to tell clients, in this order. */
  readonly updates: readonly SessionUpdate[];
  /** Ids of services to bring up. */
  readonly raise: readonly string[];
  /** Ids of services to take down. */
  readonly lower: readonly string[];
  /** Whether routes are other than before. */
  readonly rerouted: boolean;
}

/** Packets of the first session have this mark; numbers below it are often taken. */
const FIRST_MARK = 256;

/**
 * The sessions there are, and which service serves each. It knows neither D-Bus nor clock nor system: what happens is
 * told to it, and what follows from that is taken from it with `take`. The same events give the same effects.
 */
export class SessionTable {
  readonly dialect: Dialect;
  readonly #roamingAllowed: boolean;
  readonly #sessions = new Set<SessionRecord>();
  readonly #cohorts = new SessionGroups();
  readonly #raised = new ConnectedServices(this.#cohorts);
  readonly #emergency: Emergency;
  readonly #news: UpdateQueue;
  #services: Services = new Map();
  #nextMark = FIRST_MARK;
  #rerouted = false;

  /** @param roamingAllowed - Whether sessions whose RoamingPolicy is `default` may roam. */
  constructor(dialect: Dialect, roamingAllowed = false) {
    this.dialect = dialect;
    this.#roamingAllowed = roamingAllowed;
    this.#emergency = new Emergency(dialect);
    this.#news = new UpdateQueue(dialect);
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** The session that makes an emergency call, if there is one that others must give way to. */
  get emergency(): SessionRecord | undefined {
    return this.#emergency.caller;
  }

  /** Whether there are sessions of others that the policy puts first, calling or not. */
  isBehind(record: SessionRecord): boolean {
    return this.#emergency.isBehind(record);
  }

  /** Adds a session, which rides along at once. Its client hears nothing before `open`. */
  create(path: string, owner: string, request: RequestedSettings, matched?: MatchedPolicy): SessionRecord {
    const mark = this.#nextMark++;
    const record = new SessionRecord(path, owner, mark, this.#terms(mark, request, matched));
    this.#sessions.add(record);
    if (this.#emergency.set(record, request.emergencyCall)) this.#resettle();
    this.#emergency.enlist(record);
    this.#settle(record, { active: false, parked: false });
    return record;
  }

  /** Tells the client everything, once; from then on it hears of changes. */
  open(record: SessionRecord): void {
    if (record.cohort !== undefined) this.#news.open(record, record.cohort.connection);
  }

  /**
   * The client asks for a connection.
   *
   * @param again - Whether a service that was asked to come up, and did not, is asked once more.
   */
  connect(record: SessionRecord, again = false): void {
    if (record.cohort?.situation.active === false) this.#settle(record, { active: true, parked: false });
    this.#step();
    if (record.cohort !== undefined) this.#raised.seek(record.cohort, this.#services, again);
  }

  /** The client needs no connection any more. It rides along again from the next time a service comes up. */
  disconnect(record: SessionRecord): void {
    this.#release(record, true);
    this.#step();
    this.#raised.abandon(this.#services);
  }

  /**
   * The client asks for something else. Other bearers or another interface end what an earlier `connect` asked for.
   */
  change(record: SessionRecord, change: Partial<RequestedSettings>): void {
    const names = Object.keys(change);
    if (names.length === 0) return;
    const isRebound = "bearers" in change || "interface" in change;
    if (isRebound) {
      this.#release(record, false);
      this.#step();
    }
    if (change.emergencyCall !== undefined && this.#emergency.set(record, change.emergencyCall)) this.#resettle();
    this.#apply(record, { ...record.request, ...change }, record.matched);
    if (this.dialect.equalValues === "repeat") record.again = again(change);
    const sticks = "connectionType" in change && this.dialect.connectionTypeApplies === "at events";
    if (sticks) this.#enter(record, this.#situation(record, {}), this.#connection(record));
    else this.#settle(record, {}, "sourceIPRule" in change);
    this.#step();
    if (isRebound) this.#raised.abandon(this.#services);
  }

  /** The policies have changed. Each session gets the one that is found for it now. */
  rematch(find: (record: SessionRecord) => MatchedPolicy | undefined): void {
    for (const record of this.#sessions) {
      const matched = find(record);
      if (matched?.policy === record.matched?.policy) continue;
      this.#apply(record, record.request, matched);
      this.#emergency.enlist(record);
      this.#settle(record, {});
    }
    this.#step();
  }

  /** The client ends the session: it hears last that the service is gone. */
  destroy(record: SessionRecord): void {
    this.#release(record, false);
    this.#step();
    this.#news.finish(record);
    this.#remove(record);
  }

  /** The client has left the bus, or the session was released: it is gone without a word, unless the dialect says more. */
  drop(record: SessionRecord): void {
    if (this.dialect.lastUpdate === "always") this.destroy(record);
    else this.#remove(record);
  }

  /** Nothing has gone over the network for as long as sessions allowed: those which may not stay are disconnected. */
  idle(): void {
    for (const record of this.#sessions) {
      if (record.cohort?.connection.service !== undefined && !record.request.stayConnected) this.#release(record, true);
    }
    this.#step();
    this.#raised.abandon(this.#services);
  }

  /** These are the services now, the one to prefer first. */
  network(services: readonly NetworkService[]): void {
    const change = servicesChange(this.#services, new Map(services.map((service) => [service.id, service])));
    if (change === undefined) return;
    this.#services = change.now;
    for (const id of change.ids) this.#raised.follow(id, change.now.get(id));
    for (const cohort of this.#cohorts.concerned(change.interfaces)) {
      const { situation, connection } = cohort;
      if (!hasLost(change.now, situation, connection)) continue;
      this.#move(cohort, situation, connectionTo(this.dialect, situation.demand, undefined));
    }
    this.#step();
    const concerned = this.#cohorts.concerned(change.interfaces);
    for (const cohort of concerned) {
      const { situation } = cohort;
      const connection = reassigned(this.dialect, change, situation, cohort.connection);
      if (connection !== undefined) this.#move(cohort, { ...situation, parked: false }, connection);
    }
    this.#step();
    for (const cohort of concerned) this.#raised.seek(cohort, change.now);
  }

  /** How the traffic of sessions is to go that are to be told apart, the oldest first. */
  routes(): readonly SessionRoute[] {
    const routes: SessionRoute[] = [];
    for (const record of this.#sessions) {
      if (!record.isRouted) continue;
      const service = this.#services.get(record.cohort?.connection.service ?? "");
      const by = record.matched?.by;
      const owner = by === undefined || "selinux" in by ? undefined : by;
      routes.push({ mark: record.mark, owner, sourceIPRule: record.request.sourceIPRule, service });
    }
    return routes;
  }

  /** What is to be done now; it is forgotten here. */
  take(): Effects {
    const effects = { updates: this.#news.take(), ...this.#raised.take(), rerouted: this.#rerouted };
    this.#rerouted = false;
    return effects;
  }

  #terms(mark: number, request: RequestedSettings, matched: MatchedPolicy | undefined): EffectiveSettings {
    const { dialect } = this;
    const emergencyCall = this.#emergency.isTold;
    return termsOf({ dialect, roamingAllowed: this.#roamingAllowed, emergencyCall }, mark, request, matched);
  }

  #apply(record: SessionRecord, request: RequestedSettings, matched: MatchedPolicy | undefined): void {
    this.#rerouted ||= record.isRouted;
    record.adopt(this.#terms(record.mark, request, matched));
    this.#rerouted ||= record.isRouted;
  }

  /** Gives a session the service that is right for it. */
  #settle(record: SessionRecord, change: Partial<AllocationState>, afresh = false): void {
    const before = this.#connection(record);
    const situation = this.#situation(record, change);
    this.#enter(record, situation, assigned(this.dialect, this.#services, situation, before, afresh));
  }

  #situation(record: SessionRecord, change: Partial<AllocationState>): AllocationState {
    const before = record.cohort?.situation;
    return {
      active: before?.active ?? false,
      parked: before?.parked ?? false,
      ...change,
      demand: record.demand,
      demandKey: record.demandKey,
      held: record.request.avoidHandover,
      waiting: this.#emergency.mustWait(record),
    };
  }

  #enter(record: SessionRecord, situation: AllocationState, connection: Connection): void {
    this.#cohorts.enter(record, situation, connection);
    this.#touch(record);
  }

  #connection(record: SessionRecord): Connection {
    return record.cohort?.connection ?? connectionTo(this.dialect, record.demand, undefined);
  }

  /** Takes the service of a session away, and that its client asked for one. */
  #release(record: SessionRecord, parked: boolean): void {
    const situation = this.#situation(record, { active: false, parked });
    this.#enter(record, situation, connectionTo(this.dialect, record.demand, undefined));
  }

  #move(cohort: SessionGroup, situation: AllocationState, connection: Connection): void {
    for (const record of cohort.members) this.#touch(record);
    this.#cohorts.move(cohort, situation, connection);
  }

  #touch(record: SessionRecord): void {
    this.#news.touch(record);
    this.#rerouted ||= record.isRouted;
  }

  /** Gives every session anew what is right for it. */
  #resettle(): void {
    for (const record of this.#sessions) {
      this.#apply(record, record.request, record.matched);
      this.#settle(record, {});
    }
  }

  #remove(record: SessionRecord): void {
    this.#cohorts.leave(record);
    this.#news.forget(record);
    this.#sessions.delete(record);
    this.#rerouted ||= record.isRouted;
    if (this.#emergency.forget(record)) this.#resettle();
    this.#raised.abandon(this.#services);
  }

  #step(): void {
    if (this.dialect.updates === "per step") this.#news.gather();
  }
}

function again(change: Partial<RequestedSettings>): readonly SettingName[] {
  const names: SettingName[] = [];
  if ("bearers" in change) names.push("allowedBearers");
  if ("interface" in change) names.push("allowedInterface");
  return names;
}
