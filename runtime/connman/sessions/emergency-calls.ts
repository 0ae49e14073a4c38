import type { Dialect } from "../policy/dialect.ts";
import type { SessionPolicy } from "../policy/policy.ts";
import type { SessionRecord } from "./session-record.ts";

/** The session that makes an emergency call, and the sessions that may make one. */
export class EmergencyCalls {
  readonly #dialect: Dialect;
  /** The session that makes the call, in dialects in which a setting decides. */
  #settingCaller: SessionRecord | undefined;
  /** Sessions whose policy allows calls, in dialects in which the policy decides. The latest is the last one. */
  readonly #allowedByPolicy = new Set<SessionRecord>();
  /** Sessions that called Connect and not Disconnect, if the latest session of a policy decides. */
  readonly #connected = new Set<SessionRecord>();

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  /** The session that makes an emergency call which restricts other sessions. */
  get caller(): SessionRecord | undefined {
    const { emergency } = this.#dialect;
    if (emergency === "setting") return this.#settingCaller;
    if (emergency === "policy") return [...this.#allowedByPolicy].find((record) => record.group?.state.isActive);
    const latest = this.#latest;
    return latest !== undefined && this.#connected.has(latest) ? latest : undefined;
  }

  /** Whether all sessions report an emergency call. */
  get isReported(): boolean {
    return this.#settingCaller !== undefined;
  }

  /** Returns whether a policy allows emergency calls to another session, but not to this one. */
  isOutranked(record: SessionRecord): boolean {
    if (this.#allowedByPolicy.size === 0) return false;
    return this.#dialect.emergency === "policy" ? !this.#allowedByPolicy.has(record) : this.#latest !== record;
  }

  /** Returns whether a session gets no service during the present call. */
  isBlocked(record: SessionRecord): boolean {
    const { caller } = this;
    if (this.#dialect.othersDuringEmergency === "keep" || caller === undefined) return false;
    return caller !== record && !this.#allowedByPolicy.has(record);
  }

  /** Returns whether the present call prevents a new session with a policy. */
  refusesSession(policy: SessionPolicy | undefined): boolean {
    const isAllowed = this.#dialect.emergency === "policy" && policy?.emergencyCall === true;
    return this.caller !== undefined && !isAllowed;
  }

  /** Applies the policy of a session. */
  applyPolicy(record: SessionRecord): void {
    const { emergency } = this.#dialect;
    if (emergency === "setting") return;
    const isAllowed = record.matchedPolicy?.policy.emergencyCall === true;
    // ConnMan's latest session of a policy keeps the permission when the policy is removed.
    if (isAllowed || emergency === "policy") this.#allowedByPolicy.delete(record);
    if (isAllowed) this.#allowedByPolicy.add(record);
  }

  /** Applies the EmergencyCall setting of a session. The first session to set it makes the call. */
  applySetting(record: SessionRecord, isCalling: boolean): void {
    if (this.#dialect.emergency !== "setting") return;
    if (isCalling) this.#settingCaller ??= record;
    else if (this.#settingCaller === record) this.#settingCaller = undefined;
  }

  /** Applies that a client has called Connect or Disconnect. */
  connected(record: SessionRecord, isConnected: boolean): void {
    if (this.#dialect.emergency !== "latest session of policy") return;
    if (isConnected) this.#connected.add(record);
    else this.#connected.delete(record);
  }

  /** Removes a session. */
  remove(record: SessionRecord): void {
    this.#allowedByPolicy.delete(record);
    this.#connected.delete(record);
    this.applySetting(record, false);
  }

  get #latest(): SessionRecord | undefined {
    return [...this.#allowedByPolicy].at(-1);
  }
}
