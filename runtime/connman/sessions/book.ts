import { choose, chooseToRaise, serves } from "../policy/demand.ts";
import type { Dialect } from "../policy/dialect.ts";
import type { MatchedPolicy } from "../policy/policy.ts";
import type { SessionRequest } from "../policy/request.ts";
import { isConnected, type NetworkService } from "../policy/service.ts";
import type { SettingName } from "../policy/settings.ts";
import { type Connection, connectionAfter, connectionTo } from "../policy/view.ts";
import type { SessionRoute } from "../routing/routing.ts";
import { type Cohort, Cohorts, type Situation } from "./cohort.ts";
import { News, type SessionUpdate } from "./news.ts";
import { SessionRecord, type Terms, termsOf } from "./record.ts";

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
export class SessionBook {
  readonly dialect: Dialect;
  readonly #roamingAllowed: boolean;
  readonly #sessions = new Set<SessionRecord>();
  readonly #cohorts = new Cohorts();
  readonly #news: News;
  #services: ReadonlyMap<string, NetworkService> = new Map();
  #nextMark = FIRST_MARK;
  #emergency: SessionRecord | undefined;
  /** The sessions whose policy lets them make emergency calls, where that decides. */
  readonly #callers = new Set<SessionRecord>();
  /** Services that are up, or on their way, because sessions asked for them. */
  readonly #raised = new Set<string>();
  #raise: string[] = [];
  #lower: string[] = [];
  #rerouted = false;

  /** @param roamingAllowed - Whether sessions whose RoamingPolicy is `default` may roam. */
  constructor(dialect: Dialect, roamingAllowed = false) {
    this.dialect = dialect;
    this.#roamingAllowed = roamingAllowed;
    this.#news = new News(dialect);
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** The sessions, the oldest first. */
  get sessions(): Iterable<SessionRecord> {
    return this.#sessions;
  }

  /** The session that makes an emergency call, if there is one that others must give way to. */
  get emergency(): SessionRecord | undefined {
    if (this.dialect.emergency === "setting") return this.#emergency;
    for (const record of this.#callers) if (record.cohort?.situation.active) return record;
    return undefined;
  }

  /** Whether there are sessions of others that the policy puts first, calling or not. */
  isBehind(record: SessionRecord): boolean {
    return this.#callers.size > 0 && !this.#callers.has(record);
  }

  /** Adds a session, which rides along at once. Its client hears nothing before `open`. */
  create(path: string, owner: string, request: SessionRequest, matched?: MatchedPolicy): SessionRecord {
    const mark = this.#nextMark++;
    const record = new SessionRecord(path, owner, mark, this.#terms(mark, request, matched));
    this.#sessions.add(record);
    if (request.emergencyCall && this.#callsEmergency) this.#beginEmergency(record);
    this.#enlist(record);
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
    const situation = record.cohort?.situation;
    if (situation === undefined) return;
    if (!situation.active) this.#settle(record, { active: true, parked: false });
    this.#step();
    this.#seek(record.cohort, again);
  }

  /** The client needs no connection any more. It rides along again from the next time a service comes up. */
  disconnect(record: SessionRecord): void {
    this.#release(record, true);
    this.#step();
    this.#abandon();
  }

  /**
   * The client asks for something else. Other bearers or another interface end what an earlier `connect` asked for.
   */
  change(record: SessionRecord, change: Partial<SessionRequest>): void {
    const names = Object.keys(change);
    if (names.length === 0) return;
    const isRebound = "bearers" in change || "interface" in change;
    if (isRebound) {
      this.#release(record, false);
      this.#step();
    }
    if (change.emergencyCall !== undefined) this.#changeEmergency(record, change.emergencyCall);
    this.#apply(record, { ...record.request, ...change }, record.matched);
    if (this.dialect.equalValues === "repeat") record.again = again(change);
    const sticks = "connectionType" in change && this.dialect.connectionTypeApplies === "at events";
    if (sticks) this.#enter(record, {}, this.#connection(record));
    else this.#settle(record, {}, "sourceIPRule" in change);
    this.#step();
    if (isRebound) this.#abandon();
  }

  /** The policies have changed. Each session gets the one that is found for it now. */
  rematch(find: (record: SessionRecord) => MatchedPolicy | undefined): void {
    for (const record of this.#sessions) {
      const matched = find(record);
      if (matched?.policy === record.matched?.policy) continue;
      this.#apply(record, record.request, matched);
      this.#enlist(record);
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
    this.#abandon();
  }

  /** These are the services now, the one to prefer first. */
  network(services: readonly NetworkService[]): void {
    const before = this.#services;
    const now = new Map(services.map((service) => [service.id, service]));
    this.#services = now;
    const changed = [...before, ...now].filter(([id]) => before.get(id) !== now.get(id)).map(([, service]) => service);
    if (changed.length === 0) return;
    const interfaces = new Set(changed.map((service) => service.interface));
    const risen = services.filter((service) => hasRisen(before.get(service.id), service));
    for (const service of changed) this.#forgetFallen(service.id);
    for (const cohort of this.#cohorts.concerned(interfaces)) this.#takeAway(cohort);
    this.#step();
    const concerned = this.#cohorts.concerned(interfaces);
    for (const cohort of concerned) this.#assign(cohort, before, risen);
    this.#step();
    for (const cohort of concerned) this.#seek(cohort);
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
    const updates = this.#news.take();
    const effects = { updates, raise: this.#raise, lower: this.#lower, rerouted: this.#rerouted };
    this.#raise = [];
    this.#lower = [];
    this.#rerouted = false;
    return effects;
  }

  get #callsEmergency(): boolean {
    return this.dialect.emergency === "setting" && this.#emergency === undefined;
  }

  #terms(mark: number, request: SessionRequest, matched: MatchedPolicy | undefined): Terms {
    const emergencyCall = this.dialect.emergency === "setting" && this.#emergency !== undefined;
    return termsOf(
      { dialect: this.dialect, roamingAllowed: this.#roamingAllowed, emergencyCall },
      mark,
      request,
      matched,
    );
  }

  #apply(record: SessionRecord, request: SessionRequest, matched: MatchedPolicy | undefined): void {
    this.#rerouted ||= record.isRouted;
    record.adopt(this.#terms(record.mark, request, matched));
    this.#rerouted ||= record.isRouted;
  }

  /** Gives a session the service that is right for it. */
  #settle(record: SessionRecord, change: Partial<Situation>, afresh = false): void {
    const before = this.#connection(record);
    const situation = this.#situation(record, change);
    const { demand, held, parked, waiting } = situation;
    const current = this.#services.get(before.service ?? "");
    const keeps = held && current !== undefined && serves(demand, current);
    const next =
      waiting || parked ? undefined : keeps ? current : choose(demand, this.#services.values(), before.service);
    const isSame = next?.id === before.service && !afresh && this.dialect.state === "of assignment";
    this.#enter(record, situation, isSame ? before : connectionTo(this.dialect, demand, next));
  }

  #situation(record: SessionRecord, change: Partial<Situation>): Situation {
    const before = record.cohort?.situation;
    return {
      active: before?.active ?? false,
      parked: before?.parked ?? false,
      ...change,
      demand: record.demand,
      demandKey: record.demandKey,
      held: record.request.avoidHandover,
      waiting: this.#mustWait(record),
    };
  }

  #enter(record: SessionRecord, change: Partial<Situation>, connection: Connection): void {
    this.#cohorts.enter(record, this.#situation(record, change), connection);
    this.#touch(record);
  }

  #connection(record: SessionRecord): Connection {
    return record.cohort?.connection ?? connectionTo(this.dialect, record.demand, undefined);
  }

  /** Takes the service of a session away, and that its client asked for one. */
  #release(record: SessionRecord, parked: boolean): void {
    this.#enter(record, { active: false, parked }, connectionTo(this.dialect, record.demand, undefined));
  }

  /** Takes a service away that no longer serves. */
  #takeAway(cohort: Cohort): void {
    const { service } = cohort.connection;
    if (service === undefined) return;
    const now = this.#services.get(service);
    if (now !== undefined && serves(cohort.situation.demand, now)) return;
    this.#move(cohort, cohort.situation, connectionTo(this.dialect, cohort.situation.demand, undefined));
  }

  /** Gives the members of a cohort the service that is right for them now. */
  #assign(cohort: Cohort, before: ReadonlyMap<string, NetworkService>, risen: readonly NetworkService[]): void {
    const { demand, held, parked, waiting } = cohort.situation;
    if (waiting || (parked && !risen.some((service) => serves(demand, service)))) return;
    const { service: id } = cohort.connection;
    const current = this.#services.get(id ?? "");
    const next = held && current !== undefined ? current : choose(demand, this.#services.values(), id);
    if (next === current && next === before.get(id ?? "")) return;
    const connection =
      next !== undefined && next === current
        ? connectionAfter(this.dialect, demand, cohort.connection, next)
        : connectionTo(this.dialect, demand, next);
    this.#move(cohort, { ...cohort.situation, parked: false }, connection);
  }

  #move(cohort: Cohort, situation: Situation, connection: Connection): void {
    for (const record of cohort.members) this.#touch(record);
    this.#cohorts.move(cohort, situation, connection);
  }

  #touch(record: SessionRecord): void {
    this.#news.touch(record);
    this.#rerouted ||= record.isRouted;
  }

  /** Asks for a service to be brought up where active sessions have none. */
  #seek(cohort: Cohort | undefined, again = false): void {
    if (cohort === undefined || !cohort.situation.active || cohort.situation.waiting) return;
    if (cohort.connection.service !== undefined || cohort.members.size === 0) return;
    const service = chooseToRaise(cohort.situation.demand, this.#services.values());
    if (service === undefined || (this.#raised.has(service.id) && !again)) return;
    this.#raised.add(service.id);
    if (!this.#raise.includes(service.id)) this.#raise.push(service.id);
  }

  /** Takes services down again that were brought up for sessions of which none is left. */
  #abandon(): void {
    for (const id of this.#raised) {
      const service = this.#services.get(id);
      if (service !== undefined && this.#cohorts.isWanted(service.bearer)) continue;
      this.#raised.delete(id);
      if (service !== undefined) this.#lower.push(id);
    }
  }

  #forgetFallen(id: string): void {
    const state = this.#services.get(id)?.state;
    if (state === undefined || state === "idle" || state === "failure" || state === "disconnect")
      this.#raised.delete(id);
  }

  #enlist(record: SessionRecord): void {
    if (this.dialect.emergency === "policy" && record.matched?.policy.emergencyCall) this.#callers.add(record);
    else this.#callers.delete(record);
  }

  #mustWait(record: SessionRecord): boolean {
    return this.dialect.othersDuringEmergency === "wait" && this.#emergency !== undefined && this.#emergency !== record;
  }

  #changeEmergency(record: SessionRecord, calls: boolean): void {
    if (calls && this.#callsEmergency) this.#beginEmergency(record);
    if (!calls && this.#emergency === record) this.#endEmergency();
  }

  #beginEmergency(record: SessionRecord): void {
    this.#emergency = record;
    this.#resettle();
  }

  #endEmergency(): void {
    this.#emergency = undefined;
    this.#resettle();
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
    this.#callers.delete(record);
    this.#rerouted ||= record.isRouted;
    if (this.#emergency === record) this.#endEmergency();
    this.#abandon();
  }

  #step(): void {
    if (this.dialect.updates === "per step") this.#news.gather();
  }
}

function hasRisen(before: NetworkService | undefined, now: NetworkService): boolean {
  return isConnected(now) && before?.state !== now.state;
}

function again(change: Partial<SessionRequest>): readonly SettingName[] {
  const names: SettingName[] = [];
  if ("bearers" in change) names.push("allowedBearers");
  if ("interface" in change) names.push("allowedInterface");
  return names;
}
