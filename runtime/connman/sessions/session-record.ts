import type { Dialect } from "../policy/dialect.ts";
import type { MatchedPolicy } from "../policy/policy.ts";
import { type Connection, ownSettings } from "../policy/reported-settings.ts";
import type { RequestedSettings } from "../policy/requested-settings.ts";
import { demandOf, keyOf, type SessionRequest } from "../policy/session-request.ts";
import type { SettingName, Settings } from "../policy/settings.ts";
import type { SessionGroup } from "./session-group.ts";

/** A session: what identifies it, what is asked for it, and what its client was told last. */
export class SessionRecord {
  /** Object path. */
  readonly path: string;
  /** Unique name of the client. */
  readonly owner: string;
  /** Unique among all sessions there ever were; older sessions have smaller ones. */
  readonly mark: number;
  /** The sessions that share its situation. */
  cohort: SessionGroup | undefined;
  /** What its client was told last; undefined before the first Update. */
  told: { connection: Connection; own: Settings } | undefined;
  /** Settings to tell again although they are equal. */
  again: readonly SettingName[] = [];
  #terms: EffectiveSettings;

  constructor(path: string, owner: string, mark: number, terms: EffectiveSettings) {
    this.path = path;
    this.owner = owner;
    this.mark = mark;
    this.#terms = terms;
  }

  /** What its client asks for. */
  get request(): RequestedSettings {
    return this.#terms.request;
  }

  /** The policy that holds for it. */
  get matched(): MatchedPolicy | undefined {
    return this.#terms.matched;
  }

  get demand(): SessionRequest {
    return this.#terms.demand;
  }

  /** Equal for sessions with equal demands. */
  get demandKey(): string {
    return this.#terms.demandKey;
  }

  /** What it shows of itself. */
  get own(): Settings {
    return this.#terms.own;
  }

  /** Goes by other terms from now on. */
  adopt(terms: EffectiveSettings): void {
    this.#terms = terms;
  }

  get hasPriority(): boolean {
    return this.own.priority ?? false;
  }

  /** Whether packets of the system are to be told apart for it. */
  get isRouted(): boolean {
    return this.matched !== undefined || this.request.sourceIPRule;
  }
}

/** What a session goes by, all of it following from request and policy. */
export interface EffectiveSettings {
  readonly request: RequestedSettings;
  readonly matched: MatchedPolicy | undefined;
  readonly demand: SessionRequest;
  readonly demandKey: string;
  readonly own: Settings;
}

/** What holds for every session. */
export interface Circumstances {
  readonly dialect: Dialect;
  /** Whether roaming is allowed to those who leave it to the machine. */
  readonly roamingAllowed: boolean;
  /** Whether an emergency call is going on, as sessions are told. */
  readonly emergencyCall: boolean;
}

/** The terms of a session. */
export function termsOf(
  { dialect, roamingAllowed, emergencyCall }: Circumstances,
  mark: number,
  request: RequestedSettings,
  matched: MatchedPolicy | undefined,
): EffectiveSettings {
  const demand = demandOf(dialect, request, matched?.policy, roamingAllowed);
  const granted = { bearers: demand.bearers, emergencyCall, sessionMarker: mark };
  const own = ownSettings(dialect, request, matched?.policy, granted);
  return { request, matched, demand, demandKey: keyOf(demand), own };
}
