import type { SessionRecord } from "./session-record.ts";

/** Milliseconds after which AvoidHandover is taken back: two minutes. */
const HANDOVER_AVOIDED_FOR = 120_000;

const MINUTE = 60_000;

/** What a moment is for. */
export interface Due {
  /** Sessions whose AvoidHandover ends. */
  readonly handover: readonly SessionRecord[];
  /** Sessions for which a connection is to be tried. */
  readonly attempts: readonly SessionRecord[];
}

/**
 * When something is to happen to sessions though nobody calls. Attempts of PeriodicConnect fall on whole multiples of
 * their interval, so that those of several sessions fall together.
 */
export class Scheduler {
  readonly #handover = new Map<SessionRecord, number>();
  readonly #attempts = new Map<SessionRecord, number>();
  #next: number | undefined;

  /** Takes up what a session asks for now. */
  enter(record: SessionRecord, now: number): void {
    const { avoidHandover, periodicConnect } = record.request;
    if (!avoidHandover) this.#delete(this.#handover, record);
    else if (!this.#handover.has(record)) this.#set(this.#handover, record, now + HANDOVER_AVOIDED_FOR);
    if (periodicConnect === 0) this.#delete(this.#attempts, record);
    else this.#planAttempt(record, now);
  }

  leave(record: SessionRecord): void {
    this.#delete(this.#handover, record);
    this.#delete(this.#attempts, record);
  }

  /** A moment before which nothing is due, which may be too early after sessions have left; undefined when nothing is. */
  get next(): number | undefined {
    return this.#next;
  }

  /** What is due, and no longer in the timetable, except for the next attempts. */
  take(now: number): Due {
    this.#next = undefined;
    const handover = this.#dueIn(this.#handover, now);
    for (const record of handover) this.#handover.delete(record);
    const attempts = this.#dueIn(this.#attempts, now);
    for (const record of attempts) this.#planAttempt(record, now);
    return { handover, attempts };
  }

  #planAttempt(record: SessionRecord, now: number): void {
    const interval = record.request.periodicConnect * MINUTE;
    this.#set(this.#attempts, record, (Math.floor(now / interval) + 1) * interval);
  }

  #dueIn(moments: ReadonlyMap<SessionRecord, number>, now: number): readonly SessionRecord[] {
    const due: SessionRecord[] = [];
    for (const [record, moment] of moments) {
      if (moment > now) this.#lookAt(moment);
      else due.push(record);
    }
    return due;
  }

  #set(moments: Map<SessionRecord, number>, record: SessionRecord, moment: number): void {
    moments.set(record, moment);
    this.#lookAt(moment);
  }

  #delete(moments: Map<SessionRecord, number>, record: SessionRecord): void {
    moments.delete(record);
    if (this.#handover.size + this.#attempts.size === 0) this.#next = undefined;
  }

  #lookAt(moment: number): void {
    if (this.#next === undefined || moment < this.#next) this.#next = moment;
  }
}
