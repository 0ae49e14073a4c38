import type { Dialect } from "../policy/dialect.ts";
import type { SessionRecord } from "./session-record.ts";

/** The session that makes an emergency call, and the sessions that may make one. */
export class EmergencyCalls {
  readonly #dialect: Dialect;
  /** The session that makes the call, in dialects in which a setting decides. */
  #settingCaller: SessionRecord | undefined;
  /** Sessions whose policy allows calls, in dialects in which the policy decides. */
  readonly #allowedByPolicy = new Set<SessionRecord>();

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  /** The session that makes an emergency call which restricts other sessions. */
  get caller(): SessionRecord | undefined {
    if (this.#dialect.emergency === "setting") return this.#settingCaller;
    for (const record of this.#allowedByPolicy) if (record.group?.state.isActive) return record;
    return undefined;
  }

  /** Whether all sessions report an emergency call. */
  get isReported(): boolean {
    return this.#settingCaller !== undefined;
  }

  /** Returns whether a policy allows emergency calls to another session, but not to this one. */
  isOutranked(record: SessionRecord): boolean {
    return this.#allowedByPolicy.size > 0 && !this.#allowedByPolicy.has(record);
  }

  /** Returns whether a session gets no service during the present call. */
  isBlocked(record: SessionRecord): boolean {
    const caller = this.#settingCaller;
    return this.#dialect.othersDuringEmergency === "wait" && caller !== undefined && caller !== record;
  }

  /** Applies the policy of a session. */
  applyPolicy(record: SessionRecord): void {
    const isAllowed = this.#dialect.emergency === "policy" && record.matchedPolicy?.policy.emergencyCall;
    if (isAllowed) this.#allowedByPolicy.add(record);
    else this.#allowedByPolicy.delete(record);
  }

  /**
   * Applies the EmergencyCall setting of a session. The first session to set it makes the call.
   *
   * @returns Whether a call began or ended. This affects every session.
   */
  applySetting(record: SessionRecord, isCalling: boolean): boolean {
    const begins = isCalling && this.#dialect.emergency === "setting" && this.#settingCaller === undefined;
    const ends = !isCalling && this.#settingCaller === record;
    if (begins) this.#settingCaller = record;
    if (ends) this.#settingCaller = undefined;
    return begins || ends;
  }

  /** Removes a session. Returns whether a call ended. */
  remove(record: SessionRecord): boolean {
    this.#allowedByPolicy.delete(record);
    return this.applySetting(record, false);
  }
}
