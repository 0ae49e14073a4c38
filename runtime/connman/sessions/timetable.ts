import type { SessionRecord } from "./record.ts";

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
export class Timetable {
  readonly #handover = new Map<SessionRecord, number>();
  readonly #attempts = new Map<SessionRecord, number>();

  /** Takes up what a session asks for now. */
  enter(record: SessionRecord, now: number): void {
    const { avoidHandover, periodicConnect } = record.request;
    if (!avoidHandover) this.#handover.delete(record);
    else if (!this.#handover.has(record)) this.#handover.set(record, now + HANDOVER_AVOIDED_FOR);
    if (periodicConnect === 0) this.#attempts.delete(record);
    else this.#attempts.set(record, nextMultiple(now, periodicConnect * MINUTE));
  }

  leave(record: SessionRecord): void {
    this.#handover.delete(record);
    this.#attempts.delete(record);
  }

  /** Whether nothing is to happen. */
  get isEmpty(): boolean {
    return this.#handover.size === 0 && this.#attempts.size === 0;
  }

  /** The next moment at which something is due; undefined when nothing is. */
  next(): number | undefined {
    let first: number | undefined;
    for (const moments of [this.#handover, this.#attempts]) {
      for (const moment of moments.values()) if (first === undefined || moment < first) first = moment;
    }
    return first;
  }

  /** What is due, and no longer in the timetable, except for the next attempts. */
  take(now: number): Due {
    const handover = dueIn(this.#handover, now);
    for (const record of handover) this.#handover.delete(record);
    const attempts = dueIn(this.#attempts, now);
    for (const record of attempts) this.enter(record, now);
    return { handover, attempts };
  }
}

function dueIn(moments: ReadonlyMap<SessionRecord, number>, now: number): readonly SessionRecord[] {
  return [...moments].filter(([, moment]) => moment <= now).map(([record]) => record);
}

function nextMultiple(now: number, interval: number): number {
  return (Math.floor(now / interval) + 1) * interval;
}
