import type { Dialect } from "../policy/dialect.ts";
import type { SessionRecord } from "./session-record.ts";

/** Who makes an emergency call, and who must give way to it. */
export class Emergency {
  readonly #dialect: Dialect;
  /** The session that makes the call, where its setting decides. */
  #caller: SessionRecord | undefined;
  /** The sessions whose policy lets them call, where that decides. */
  readonly #callers = new Set<SessionRecord>();

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  /** The session that makes a call, if there is one that others must give way to. */
  get caller(): SessionRecord | undefined {
    if (this.#dialect.emergency === "setting") return this.#caller;
    for (const record of this.#callers) if (record.cohort?.situation.active) return record;
    return undefined;
  }

  /** Whether all sessions are told of a call. */
  get isTold(): boolean {
    return this.#caller !== undefined;
  }

  /** Whether there are sessions of others that the policy puts first, calling or not. */
  isBehind(record: SessionRecord): boolean {
    return this.#callers.size > 0 && !this.#callers.has(record);
  }

  /** Whether a session gets no service as long as the call lasts. */
  mustWait(record: SessionRecord): boolean {
    return this.#dialect.othersDuringEmergency === "wait" && this.#caller !== undefined && this.#caller !== record;
  }

  /** Takes up what the policy of a session says. */
  enlist(record: SessionRecord): void {
    if (this.#dialect.emergency === "policy" && record.matched?.policy.emergencyCall) this.#callers.add(record);
    else this.#callers.delete(record);
  }

  /**
   * Takes up what the client of a session says: the first to call makes the call.
   *
   * @returns Whether a call began or ended, which concerns every session.
   */
  set(record: SessionRecord, calls: boolean): boolean {
    const begins = calls && this.#dialect.emergency === "setting" && this.#caller === undefined;
    const ends = !calls && this.#caller === record;
    if (begins) this.#caller = record;
    if (ends) this.#caller = undefined;
    return begins || ends;
  }

  /** A session is gone. The result is that of `set`. */
  forget(record: SessionRecord): boolean {
    this.#callers.delete(record);
    return this.set(record, false);
  }
}
