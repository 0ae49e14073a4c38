import type { Dialect } from "../policy/dialect.ts";
import type { SessionPolicy } from "../policy/policy.ts";
import type { SessionRecord } from "./session-record.ts";

/** The session that makes an emergency call, and the sessions that may make one. */
export class EmergencyCalls {
  readonly #dialect: Dialect;
  /** The session that has set EmergencyCall. Used by dialects whose `emergency` is `setting`. */
  #settingCaller: SessionRecord | undefined;
  /** Sessions whose policy allows emergency calls; the last is the latest. Used by the other dialects. */
  readonly #allowedByPolicy = new Set<SessionRecord>();
  /**
   * Sessions that have called Connect, and not Disconnect since. Used by dialects whose `emergency` is `latest session
   * of policy`.
   */
  readonly #connected = new Set<SessionRecord>();

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  /** The session that makes an emergency call, which restricts other sessions; undefined if there is no call. */
  get caller(): SessionRecord | undefined {
    const { emergency } = this.#dialect;
    if (emergency === "setting") return this.#settingCaller;
    if (emergency === "policy") return [...this.#allowedByPolicy].find((record) => record.group?.state.isActive);
    const latest = this.#latest;
    return latest !== undefined && this.#connected.has(latest) ? latest : undefined;
  }

  /** Whether all sessions report that an emergency call is in progress. */
  get isReported(): boolean {
    return this.#settingCaller !== undefined;
  }

  /** Returns whether another session may make emergency calls, and this session may not. */
  isOutranked(record: SessionRecord): boolean {
    if (this.#allowedByPolicy.size === 0) return false;
    return this.#dialect.emergency === "policy" ? !this.#allowedByPolicy.has(record) : this.#latest !== record;
  }

  /** Returns whether the present emergency call prevents a session from having a service. */
  isBlocked(record: SessionRecord): boolean {
    const { caller } = this;
    if (this.#dialect.othersDuringEmergency === "keep" || caller === undefined) return false;
    return caller !== record && !this.#allowedByPolicy.has(record);
  }

  /** Returns whether the present emergency call prevents the creation of a session with this policy. */
  refusesSession(policy: SessionPolicy | undefined): boolean {
    const isAllowed = this.#dialect.emergency === "policy" && policy?.emergencyCall === true;
    return this.caller !== undefined && !isAllowed;
  }

  /** Updates whether a session may make emergency calls, after it got another policy. */
  applyPolicy(record: SessionRecord): void {
    const { emergency } = this.#dialect;
    if (emergency === "setting") return;
    const isAllowed = record.matchedPolicy?.policy.emergencyCall === true;
    // With `latest session of policy`, as in ConnMan, a session keeps the permission when its policy is removed.
    if (isAllowed || emergency === "policy") this.#allowedByPolicy.delete(record);
    if (isAllowed) this.#allowedByPolicy.add(record);
  }

  /** Applies the EmergencyCall setting of a session. The first session to set it makes the call. */
  applySetting(record: SessionRecord, isCalling: boolean): void {
    if (this.#dialect.emergency !== "setting") return;
    if (isCalling) this.#settingCaller ??= record;
    else if (this.#settingCaller === record) this.#settingCaller = undefined;
  }

  /** Records that the client of a session has called Connect or Disconnect. */
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
