import type { SessionRecord } from "./session-record.ts";

/** Duration after which AvoidHandover ends. ConnMan's session API (2011) requires an end and names no duration. */
const AVOID_HANDOVER_MS = 120_000;

const MINUTE_MS = 60_000;

/** Sessions for which an action is due. */
export interface DueSessions {
  /** Sessions whose AvoidHandover ends. */
  readonly avoidHandoverEnds: readonly SessionRecord[];
  /** Sessions whose PeriodicConnect requires an attempt to connect. */
  readonly connectAttempts: readonly SessionRecord[];
}

/**
 * Due times of actions that follow from settings of sessions. Attempts of PeriodicConnect are due at whole multiples of
 * their interval, so that the attempts of several sessions coincide. All times are those of one `Clock`.
 */
export class Scheduler {
  readonly #avoidHandoverEnds = new Map<SessionRecord, number>();
  readonly #connectAttempts = new Map<SessionRecord, number>();
  #nextDueMs: number | undefined;

  /** Schedules the actions that follow from the present settings of a session. */
  schedule(record: SessionRecord, nowMs: number): void {
    const { avoidHandover, periodicConnect } = record.requested;
    if (!avoidHandover) this.#delete(this.#avoidHandoverEnds, record);
    else if (!this.#avoidHandoverEnds.has(record))
      this.#set(this.#avoidHandoverEnds, record, nowMs + AVOID_HANDOVER_MS);
    if (periodicConnect === 0) this.#delete(this.#connectAttempts, record);
    else this.#scheduleAttempt(record, nowMs);
  }

  remove(record: SessionRecord): void {
    this.#delete(this.#avoidHandoverEnds, record);
    this.#delete(this.#connectAttempts, record);
  }

  /**
   * Time at which the next action is due or, after removals, a time before that; undefined if no action is scheduled.
   */
  get nextDueMs(): number | undefined {
    return this.#nextDueMs;
  }

  /** Returns the sessions with due actions, and schedules the next attempts of PeriodicConnect. */
  takeDue(nowMs: number): DueSessions {
    this.#nextDueMs = undefined;
    const avoidHandoverEnds = this.#dueIn(this.#avoidHandoverEnds, nowMs);
    for (const record of avoidHandoverEnds) this.#avoidHandoverEnds.delete(record);
    const connectAttempts = this.#dueIn(this.#connectAttempts, nowMs);
    for (const record of connectAttempts) this.#scheduleAttempt(record, nowMs);
    return { avoidHandoverEnds, connectAttempts };
  }

  #scheduleAttempt(record: SessionRecord, nowMs: number): void {
    const intervalMs = record.requested.periodicConnect * MINUTE_MS;
    this.#set(this.#connectAttempts, record, (Math.floor(nowMs / intervalMs) + 1) * intervalMs);
  }

  #dueIn(dueTimes: ReadonlyMap<SessionRecord, number>, nowMs: number): readonly SessionRecord[] {
    const due: SessionRecord[] = [];
    for (const [record, dueMs] of dueTimes) {
      if (dueMs > nowMs) this.#considerNext(dueMs);
      else due.push(record);
    }
    return due;
  }

  #set(dueTimes: Map<SessionRecord, number>, record: SessionRecord, dueMs: number): void {
    dueTimes.set(record, dueMs);
    this.#considerNext(dueMs);
  }

  #delete(dueTimes: Map<SessionRecord, number>, record: SessionRecord): void {
    dueTimes.delete(record);
    if (this.#avoidHandoverEnds.size + this.#connectAttempts.size === 0) this.#nextDueMs = undefined;
  }

  #considerNext(dueMs: number): void {
    if (this.#nextDueMs === undefined || dueMs < this.#nextDueMs) this.#nextDueMs = dueMs;
  }
}
