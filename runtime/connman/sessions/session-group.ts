import type { Connection } from "../policy/reported-settings.ts";
import type { SessionRequest } from "../policy/session-request.ts";
import type { SessionRecord } from "./session-record.ts";

/** All that decides, besides the network, which service a session gets. */
export interface AllocationState {
  readonly demand: SessionRequest;
  readonly demandKey: string;
  /** Its client asked for a connection. */
  readonly active: boolean;
  /** Its client wants none for now: it waits for a service to come up. */
  readonly parked: boolean;
  /** A hand-over would be unwelcome. */
  readonly held: boolean;
  /** Another session makes an emergency call. */
  readonly waiting: boolean;
}

/** Sessions in the same situation with the same service: what is decided for one is decided for all. */
export class SessionGroup {
  key: string;
  situation: AllocationState;
  connection: Connection;
  readonly members = new Set<SessionRecord>();

  constructor(key: string, situation: AllocationState, connection: Connection) {
    this.key = key;
    this.situation = situation;
    this.connection = connection;
  }
}

/** The sessions by cohort, and the cohorts by what concerns them. */
export class SessionGroups {
  readonly #byKey = new Map<string, SessionGroup>();
  readonly #byInterface = new Map<string, Set<SessionGroup>>();
  /** How many active sessions could use a service of a bearer. */
  readonly #active = new Map<string, number>();

  /** Puts a session among those in its situation. */
  enter(record: SessionRecord, situation: AllocationState, connection: Connection): void {
    this.leave(record);
    const cohort = this.#ensure(situation, connection);
    cohort.members.add(record);
    record.cohort = cohort;
    if (situation.active) this.#count(situation, 1);
  }

  leave(record: SessionRecord): void {
    const { cohort } = record;
    if (cohort === undefined) return;
    cohort.members.delete(record);
    record.cohort = undefined;
    if (cohort.situation.active) this.#count(cohort.situation, -1);
    if (cohort.members.size === 0) this.#remove(cohort);
  }

  /** Brings all members of a cohort into another situation, which has the same demand and is as active. */
  move(cohort: SessionGroup, situation: AllocationState, connection: Connection): void {
    const key = keyOf(situation, connection);
    if (key === cohort.key || !this.#byKey.has(key)) {
      this.#byKey.delete(cohort.key);
      cohort.key = key;
      cohort.situation = situation;
      cohort.connection = connection;
      this.#byKey.set(key, cohort);
      return;
    }
    const joined = this.#ensure(situation, connection);
    for (const record of cohort.members) {
      joined.members.add(record);
      record.cohort = joined;
    }
    cohort.members.clear();
    this.#remove(cohort);
  }

  /** The cohorts that could use services of these interfaces. */
  concerned(interfaces: ReadonlySet<string>): readonly SessionGroup[] {
    const found = [...(this.#byInterface.get("*") ?? [])];
    for (const name of interfaces) found.push(...(this.#byInterface.get(name) ?? []));
    return found;
  }

  /** Whether some active session could use services of a bearer. */
  isWanted(bearer: string): boolean {
    return (this.#active.get(bearer) ?? 0) > 0;
  }

  #ensure(situation: AllocationState, connection: Connection): SessionGroup {
    const key = keyOf(situation, connection);
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const cohort = new SessionGroup(key, situation, connection);
    this.#byKey.set(key, cohort);
    const { interface: name } = situation.demand;
    const others = this.#byInterface.get(name);
    if (others === undefined) this.#byInterface.set(name, new Set([cohort]));
    else others.add(cohort);
    return cohort;
  }

  #remove(cohort: SessionGroup): void {
    if (this.#byKey.get(cohort.key) === cohort) this.#byKey.delete(cohort.key);
    const { interface: name } = cohort.situation.demand;
    const others = this.#byInterface.get(name);
    others?.delete(cohort);
    if (others?.size === 0) this.#byInterface.delete(name);
  }

  #count({ demand }: AllocationState, change: number): void {
    for (const bearer of demand.bearers) this.#active.set(bearer, (this.#active.get(bearer) ?? 0) + change);
  }
}

/** Equal for sessions that are in the same situation and show the same of their service. */
function keyOf(
  { demandKey, active, parked, held, waiting }: AllocationState,
  { service = "", settings }: Connection,
): string {
  const flags = Number(active) + 2 * Number(parked) + 4 * Number(held) + 8 * Number(waiting);
  return `${flags} ${settings.state ?? settings.online} ${service} ${demandKey}`;
}
