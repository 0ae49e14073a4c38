import type { RouteOwner } from "../adapters/routing/routing.ts";
import type { Dialect } from "../policy/dialect.ts";
import type { MatchedPolicy, SessionPolicy } from "../policy/policy.ts";
import { type Assignment, sessionSettings } from "../policy/reported-settings.ts";
import type { RequestedSettings } from "../policy/requested-settings.ts";
import { requestKeyOf, type SessionRequest, sessionRequestOf } from "../policy/session-request.ts";
import { effectiveConnectionType } from "../policy/setting-table.ts";
import type { SettingName, Settings } from "../policy/settings.ts";
import type { AllocationState } from "./allocation-state.ts";

/** A session: its identity, its effective settings, and the last reported values. */
export class SessionRecord {
  /** Object path. */
  readonly path: string;
  /** Unique name of the client. */
  readonly owner: string;
  /** Number by which the packets of the session are selected for routing. Never reused; it increases with each session. */
  readonly mark: number;
  /** The group of the session; undefined after the session has ended. */
  group: SessionGroup | undefined;
  /** Values that were reported to the client; undefined before the first Update. */
  reported: { assignment: Assignment; settings: Settings } | undefined;
  /** Settings that the next Update contains even if their values have not changed. */
  repeatedSettings: readonly SettingName[] = [];
  #effective: EffectiveSettings;

  constructor(path: string, owner: string, mark: number, effective: EffectiveSettings) {
    this.path = path;
    this.owner = owner;
    this.mark = mark;
    this.#effective = effective;
  }

  get requested(): RequestedSettings {
    return this.#effective.requested;
  }

  get matchedPolicy(): MatchedPolicy | undefined {
    return this.#effective.matchedPolicy;
  }

  get request(): SessionRequest {
    return this.#effective.request;
  }

  get requestKey(): string {
    return this.#effective.requestKey;
  }

  /** Reported settings that do not depend on the service. */
  get settings(): Settings {
    return this.#effective.settings;
  }

  replaceSettings(effective: EffectiveSettings): void {
    this.#effective = effective;
  }

  get hasPriority(): boolean {
    return this.requested.priority || (this.matchedPolicy?.policy.priority ?? false);
  }

  /** Whether the session may lose its service after a time without traffic. */
  get hasIdleTimeout(): boolean {
    return this.requested.idleTimeout > 0 && !this.requested.stayConnected;
  }

  /**
   * Processes whose traffic belongs to the session; undefined if no policy for a user, group or control group applies.
   */
  get trafficOwner(): RouteOwner {
    if (this.matchedPolicy === undefined) return undefined;
    const { separated, matchedBy } = this.matchedPolicy;
    return separated ?? ("selinux" in matchedBy ? undefined : matchedBy);
  }

  /** Whether the application of the session may send packets only over services of its sessions. */
  get blocksWithoutService(): boolean {
    return this.matchedPolicy?.policy.blockWithoutService === true;
  }

  /** Whether the traffic of the session is routed separately. */
  get isRouted(): boolean {
    return this.matchedPolicy !== undefined || this.requested.sourceIPRule;
  }
}

/** Sessions with equal allocation state and equal assignment. The allocation is computed once per group. */
export class SessionGroup {
  key: string;
  state: AllocationState;
  assignment: Assignment;
  readonly members = new Set<SessionRecord>();

  constructor(key: string, state: AllocationState, assignment: Assignment) {
    this.key = key;
    this.state = state;
    this.assignment = assignment;
  }
}

/** Settings of a session after its policy is applied. */
export interface EffectiveSettings {
  readonly requested: RequestedSettings;
  readonly matchedPolicy: MatchedPolicy | undefined;
  readonly request: SessionRequest;
  /** Key of `request`. Equal requests have equal keys. */
  readonly requestKey: string;
  /** Reported settings that do not depend on the service. */
  readonly settings: Settings;
}

/** Values that are the same for all sessions of a table. */
export interface SharedValues {
  readonly dialect: Dialect;
  /** Whether sessions whose RoamingPolicy is `default` may roam. */
  readonly isRoamingAllowed: boolean;
  /** Whether sessions report that an emergency call is in progress. */
  readonly emergencyCall: boolean;
}

/**
 * Applies a policy to the settings that a client requested.
 *
 * @param mark - Mark of the session. Used only if the dialect reports marks.
 */
export function effectiveSettings(
  { dialect, isRoamingAllowed, emergencyCall }: SharedValues,
  mark: number,
  requested: RequestedSettings,
  matchedPolicy: MatchedPolicy | undefined,
): EffectiveSettings {
  const policy = matchedPolicy?.policy;
  const kept = dialect.connectionTypeOfPolicy === "kept" ? withPolicyType(requested, policy) : requested;
  const request = sessionRequestOf(dialect, kept, policy, isRoamingAllowed);
  const view = { dialect, policy, bearers: request.bearers, emergencyCall, mark };
  const settings = sessionSettings(view, kept);
  return { requested: kept, matchedPolicy, request, requestKey: requestKeyOf(request), settings };
}

function withPolicyType(requested: RequestedSettings, policy: SessionPolicy | undefined): RequestedSettings {
  const connectionType = effectiveConnectionType(requested.connectionType, policy);
  return connectionType === requested.connectionType ? requested : { ...requested, connectionType };
}
