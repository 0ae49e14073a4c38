import type { SessionRoute } from "../adapters/routing/routing.ts";
import type { Dialect } from "../policy/dialect.ts";
import type { MatchedPolicy, SessionPolicy } from "../policy/policy.ts";
import { type Assignment, assignmentTo } from "../policy/reported-settings.ts";
import type { RequestedSettings } from "../policy/requested-settings.ts";
import type { NetworkService } from "../policy/service.ts";
import type { SettingName } from "../policy/settings.ts";
import {
  type AllocationChange,
  allocate,
  allocateSession,
  compareServices,
  missingService,
  type Services,
} from "./allocation.ts";
import type { AllocationState } from "./allocation-state.ts";
import { BroughtUpServices } from "./brought-up-services.ts";
import { EmergencyCalls } from "./emergency-calls.ts";
import { type ServiceEvent, serviceEvents, stepsOfEvent } from "./event-allocation.ts";
import { SessionGroups } from "./session-groups.ts";
import { type EffectiveSettings, effectiveSettings, type SessionGroup, SessionRecord } from "./session-record.ts";
import { type SessionUpdate, UpdateQueue } from "./update-queue.ts";

/** Actions that the caller of the session table must perform after events. */
export interface Effects {
  /** Updates to send to clients, in this order. */
  readonly updates: readonly SessionUpdate[];
  /** Ids of services to bring up. */
  readonly connect: readonly string[];
  /** Ids of services to take down. */
  readonly disconnect: readonly string[];
  /** Whether the result of `routes()` has changed. */
  readonly routesChanged: boolean;
}

/** Mark of the first session. Smaller numbers are often used by other programs. */
const FIRST_MARK = 256;

/** Settings whose change disconnects the session, as in ConnMan. */
const DISCONNECTING_SETTINGS = ["allowedBearers", "allowedInterface"] as const satisfies readonly SettingName[];

/**
 * All sessions with their allocation. The methods apply events; `takeEffects` returns the actions that follow. The table
 * has no access to D-Bus, clock or system, and equal events lead to equal effects.
 */
export class SessionTable {
  readonly dialect: Dialect;
  readonly #isRoamingAllowed: boolean;
  readonly #reportsMarks: boolean;
  /** The last result of `#effectiveSettings`. Sessions with the same settings and policy share it. */
  #lastSettings: EffectiveSettings | undefined;
  readonly #sessions = new Set<SessionRecord>();
  readonly #groups = new SessionGroups();
  readonly #broughtUp = new BroughtUpServices(this.#groups);
  readonly #emergencyCalls: EmergencyCalls;
  readonly #updates: UpdateQueue;
  #services: Services = new Map();
  #nextMark = FIRST_MARK;
  #routesChanged = false;
  /** Whether an emergency call restricts other sessions. */
  #isEmergency = false;

  /** @param isRoamingAllowed - Whether sessions whose RoamingPolicy is `default` may roam. */
  constructor(dialect: Dialect, isRoamingAllowed = false) {
    this.dialect = dialect;
    this.#isRoamingAllowed = isRoamingAllowed;
    this.#reportsMarks = dialect.settings.includes("sessionMarker");
    this.#emergencyCalls = new EmergencyCalls(dialect);
    this.#updates = new UpdateQueue(dialect);
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** The session that makes an emergency call, which restricts other sessions; undefined if there is no call. */
  get emergencyCaller(): SessionRecord | undefined {
    return this.#emergencyCalls.caller;
  }

  /** Returns whether another session may make emergency calls, and this session may not. */
  isOutranked(record: SessionRecord): boolean {
    return this.#emergencyCalls.isOutranked(record);
  }

  /** Returns whether the present emergency call prevents the creation of a session with this policy. */
  refusesSession(policy: SessionPolicy | undefined): boolean {
    return this.#emergencyCalls.refusesSession(policy);
  }

  /** Adds a session, which immediately gets a free ride. No Update is due before `reportFirst`. */
  create(path: string, owner: string, requested: RequestedSettings, matchedPolicy?: MatchedPolicy): SessionRecord {
    const mark = this.#nextMark++;
    const record = new SessionRecord(path, owner, mark, this.#effectiveSettings(mark, requested, matchedPolicy));
    this.#sessions.add(record);
    this.#emergencyCalls.applySetting(record, requested.emergencyCall);
    this.#emergencyCalls.applyPolicy(record);
    this.#reallocate(record, { isActive: false, awaitingService: false });
    this.#applyEmergency();
    return record;
  }

  /**
   * Makes the first Update of a session due. Has no effect if it was due before. Later changes lead to further Updates.
   */
  reportFirst(record: SessionRecord): void {
    if (record.group !== undefined) this.#updates.reportFirst(record, record.group.assignment);
  }

  /**
   * Applies the client's request for a connection.
   *
   * @param isRepeated - Whether a service is requested even if it was requested before and has not come up.
   */
  connect(record: SessionRecord, isRepeated = false): void {
    this.#emergencyCalls.connected(record, true);
    const isNew = record.group?.state.isActive === false;
    if (isNew || this.#isByEvent) this.#reallocate(record, { isActive: true, awaitingService: false });
    this.#applyEmergency();
    this.#endStep();
    if (record.group === undefined) return;
    const service = missingService(this.#services, record.group);
    if (service !== undefined) this.#broughtUp.connect(service.id, isRepeated);
  }

  /** Ends the client's request for a connection. The session gets its next free ride when a service comes up. */
  disconnect(record: SessionRecord): void {
    this.#emergencyCalls.connected(record, false);
    this.#withdraw(record, !this.#isByEvent);
    this.#applyEmergency();
    this.#endStep();
    this.#broughtUp.disconnectUnused(this.#services);
  }

  /** Replaces settings of a session. A change of AllowedBearers or AllowedInterface first disconnects the session. */
  change(record: SessionRecord, change: Partial<RequestedSettings>): void {
    if (Object.keys(change).length === 0) return;
    const disconnecting = DISCONNECTING_SETTINGS.filter((name) => name in change);
    if (disconnecting.length > 0) {
      this.#withdraw(record, false);
      this.#endStep();
    }
    const { emergencyCall } = change;
    if (emergencyCall !== undefined) this.#emergencyCalls.applySetting(record, emergencyCall);
    const { requested, request } = record;
    this.#replaceSettings(record, { ...requested, ...change }, record.matchedPolicy);
    if (this.dialect.equalValues === "repeat") {
      record.repeatedSettings = repeatedSettings(disconnecting, { requested, request }, record);
    }
    if (!this.#isByEvent || disconnecting.length > 0) this.#reallocate(record, {});
    else this.#place(record, this.#stateOf(record, {}), this.#presentAssignment(record, "sourceIPRule" in change));
    this.#applyEmergency();
    this.#endStep();
    if (disconnecting.length > 0) this.#broughtUp.disconnectUnused(this.#services);
  }

  /** Applies changed policies: gives each session the policy that `find` returns for it. */
  updatePolicies(find: (record: SessionRecord) => MatchedPolicy | undefined): void {
    for (const record of this.#sessions) {
      const matchedPolicy = find(record);
      if (matchedPolicy?.policy === record.matchedPolicy?.policy) continue;
      if (this.#isByEvent) {
        // ConnMan removes a changed policy before it applies the new one.
        if (record.matchedPolicy !== undefined && matchedPolicy !== undefined)
          this.#applyPolicyByEvent(record, undefined);
        this.#applyPolicyByEvent(record, matchedPolicy);
      }
      this.#replaceSettings(record, record.requested, matchedPolicy);
      this.#emergencyCalls.applyPolicy(record);
      if (this.#isByEvent) this.#place(record, this.#stateOf(record, {}), this.#assignmentOf(record));
      else this.#reallocate(record, {});
    }
    this.#applyEmergency();
    this.#endStep();
  }

  /** Ends a session at the request of its client. A last Update reports the loss of its service. */
  destroy(record: SessionRecord): void {
    this.#withdraw(record, false);
    this.#endStep();
    this.#updates.reportLast(record);
    this.#delete(record);
  }

  /** Removes a session whose client has left the bus, or that was released. The dialect decides about a last Update. */
  remove(record: SessionRecord): void {
    if (this.dialect.lastUpdate === "always") this.destroy(record);
    else this.#delete(record);
  }

  /**
   * Takes down each service that a session brought up, if it has sessions and all of them have an idle timeout. These
   * sessions no longer request a connection. Their Updates follow when the service is down.
   */
  disconnectIdle(): void {
    for (const id of this.#broughtUp.ids) {
      const users = [...this.#sessions].filter(({ group }) => group?.assignment.service === id);
      if (users.length === 0 || !users.every(({ hasIdleTimeout }) => hasIdleTimeout)) continue;
      for (const record of users) {
        this.#place(record, this.#stateOf(record, { isActive: false }), this.#assignmentOf(record));
      }
      this.#broughtUp.disconnect(id);
    }
    this.#applyEmergency();
    this.#endStep();
  }

  /** Replaces the available services, given in order of preference, and reallocates the affected sessions. */
  updateServices(services: readonly NetworkService[]): void {
    const after = new Map(services.map((service) => [service.id, service]));
    const change = compareServices(this.#services, after);
    if (change !== undefined && this.#isByEvent) for (const event of serviceEvents(change)) this.#applyEvent(event);
    this.#services = after;
    if (change === undefined) return;
    for (const id of change.ids) this.#broughtUp.serviceChanged(after, id);
    const groups = this.#groups.onInterfaces(change.interfaces);
    if (!this.#isByEvent) this.#applyAllocation(allocate(this.dialect, change, groups));
    else for (const group of groups) this.#connectMissing(missingService(after, group)?.id);
  }

  /**
   * Returns the routes of all sessions whose traffic is routed separately, the oldest session first. Includes the
   * session that makes an emergency call if the call blocks the traffic of all other applications.
   *
   * @param userOf - Returns the uid of a client, given by its unique name.
   */
  routes(userOf: (owner: string) => number | undefined): readonly SessionRoute[] {
    const routes: SessionRoute[] = [];
    const emergencyCaller = this.dialect.trafficDuringEmergency === "of caller" ? this.emergencyCaller : undefined;
    for (const record of this.#sessions) {
      const isEmergencyCall = record === emergencyCaller;
      if (!record.isRouted && !isEmergencyCall) continue;
      const { mark, requested, trafficOwner: owner, blocksWithoutService } = record;
      routes.push({
        mark,
        owner,
        user: userOf(record.owner),
        sourceIPRule: requested.sourceIPRule,
        service: this.#services.get(record.group?.assignment.service ?? ""),
        ...(blocksWithoutService && { blocksWithoutService }),
        ...(isEmergencyCall && { isEmergencyCall }),
      });
    }
    return routes;
  }

  /** Returns the actions that follow from the events since the last call. */
  takeEffects(): Effects {
    const effects = { updates: this.#updates.take(), ...this.#broughtUp.take(), routesChanged: this.#routesChanged };
    this.#routesChanged = false;
    return effects;
  }

  /**
   * Applies the changes of an allocation in two steps: first all losses, then all gains. Some dialects report each step
   * in a separate Update.
   */
  #applyAllocation(changes: readonly AllocationChange<SessionGroup>[]): void {
    for (const { group, loss } of changes) {
      if (loss !== undefined) this.#moveGroup(group, group.state, loss);
    }
    this.#endStep();
    // A group whose members have joined another group changes with that group.
    const hasMembers = ({ group }: AllocationChange<SessionGroup>): boolean => group.members.size > 0;
    for (const { group, gain } of changes.filter(hasMembers)) {
      if (gain !== undefined) this.#moveGroup(group, { ...group.state, awaitingService: false }, gain);
    }
    this.#endStep();
    for (const { serviceToConnect } of changes.filter(hasMembers)) this.#connectMissing(serviceToConnect);
  }

  /** Whether services are assigned as in ConnMan 1.41. */
  get #isByEvent(): boolean {
    return this.dialect.assignment === "by event";
  }

  /**
   * Applies a policy as ConnMan 1.41 does, except its connection type, which ConnMan applies and reports afterwards.
   */
  #applyPolicyByEvent(record: SessionRecord, matchedPolicy: MatchedPolicy | undefined): void {
    this.#withdraw(record, false);
    const { requested, request } = record;
    const policy = matchedPolicy && { ...matchedPolicy.policy, connectionType: "any" as const };
    this.#replaceSettings(record, requested, matchedPolicy && policy && { ...matchedPolicy, policy });
    if (this.dialect.equalValues === "repeat") {
      record.repeatedSettings = repeatedSettings(DISCONNECTING_SETTINGS, { requested, request }, record);
    }
    this.#reallocate(record, {});
    this.#endStep();
  }

  /** Applies the change of one service. All sessions perform a step before any session performs the next step. */
  #applyEvent(event: ServiceEvent): void {
    this.#services = event.services;
    const interfaces = [event.before, event.after].flatMap((service) => service?.interface ?? []);
    const moves = this.#groups.onInterfaces(new Set(interfaces)).map((group) => {
      return { group, steps: stepsOfEvent(this.dialect, event, group) };
    });
    const stepCount = moves.reduce((count, { steps }) => Math.max(count, steps.length), 0);
    for (let index = 0; index < stepCount; index++) {
      for (const { group, steps } of moves) {
        const { [index]: assignment } = steps;
        // A group whose members have joined another group changes with that group.
        if (assignment === undefined || group.members.size === 0) continue;
        // Between two steps, a group has `awaitingService`, so that groups that the event does not affect do not join
        // it.
        this.#moveGroup(group, { ...group.state, awaitingService: index < steps.length - 1 }, assignment);
      }
      this.#endStep();
    }
  }

  #connectMissing(id: string | undefined): void {
    if (id !== undefined) this.#broughtUp.connect(id);
  }

  #effectiveSettings(
    mark: number,
    requested: RequestedSettings,
    matchedPolicy: MatchedPolicy | undefined,
  ): EffectiveSettings {
    const last = this.#lastSettings;
    const isShared = last?.requested === requested && last.matchedPolicy === matchedPolicy && !this.#reportsMarks;
    if (isShared) return last;
    const { isReported: emergencyCall } = this.#emergencyCalls;
    const shared = { dialect: this.dialect, isRoamingAllowed: this.#isRoamingAllowed, emergencyCall };
    const settings = effectiveSettings(shared, mark, requested, matchedPolicy);
    this.#lastSettings = settings;
    return settings;
  }

  #replaceSettings(
    record: SessionRecord,
    requested: RequestedSettings,
    matchedPolicy: MatchedPolicy | undefined,
  ): void {
    this.#routesChanged ||= record.isRouted;
    record.replaceSettings(this.#effectiveSettings(record.mark, requested, matchedPolicy));
    this.#routesChanged ||= record.isRouted;
  }

  #reallocate(record: SessionRecord, change: Partial<AllocationState>): void {
    const state = this.#stateOf(record, change);
    const before = this.#assignmentOf(record);
    this.#place(record, state, allocateSession(this.dialect, this.#services, state, before));
  }

  /** Applies the begin or end of an emergency call to all sessions, if the dialect restricts other sessions. */
  #applyEmergency(): void {
    const isEmergency = this.emergencyCaller !== undefined;
    if (isEmergency === this.#isEmergency) return;
    this.#isEmergency = isEmergency;
    if (this.dialect.othersDuringEmergency === "keep") return;
    this.#lastSettings = undefined;
    this.#routesChanged = true;
    for (const record of this.#sessions) {
      this.#replaceSettings(record, record.requested, record.matchedPolicy);
      this.#reallocate(record, {});
    }
  }

  #stateOf(record: SessionRecord, change: Partial<AllocationState>): AllocationState {
    const before = record.group?.state;
    return {
      isActive: before?.isActive ?? false,
      awaitingService: before?.awaitingService ?? false,
      ...change,
      request: record.request,
      requestKey: record.requestKey,
      keptByAvoidHandover: record.requested.avoidHandover,
      blockedByEmergencyCall: this.#emergencyCalls.isBlocked(record),
    };
  }

  #assignmentOf(record: SessionRecord): Assignment {
    return record.group?.assignment ?? assignmentTo(this.dialect, record.request, undefined);
  }

  /**
   * Returns the assignment of a session.
   *
   * @param isRefreshed - Whether the assignment gets the present state of the service. If false, the assignment keeps
   * the state that was reported last.
   */
  #presentAssignment(record: SessionRecord, isRefreshed: boolean): Assignment {
    const assignment = this.#assignmentOf(record);
    return isRefreshed
      ? assignmentTo(this.dialect, record.request, this.#services.get(assignment.service ?? ""))
      : assignment;
  }

  /** Removes the service of a session, and ends its client's request for a connection. */
  #withdraw(record: SessionRecord, awaitingService: boolean): void {
    const state = this.#stateOf(record, { isActive: false, awaitingService });
    this.#place(record, state, assignmentTo(this.dialect, record.request, undefined));
  }

  #place(record: SessionRecord, state: AllocationState, assignment: Assignment): void {
    this.#groups.place(record, state, assignment);
    this.#markChanged(record);
  }

  #moveGroup(group: SessionGroup, state: AllocationState, assignment: Assignment): void {
    for (const record of group.members) this.#markChanged(record);
    this.#groups.moveMembers(group, state, assignment);
  }

  #markChanged(record: SessionRecord): void {
    this.#updates.markChanged(record);
    this.#routesChanged ||= record.isRouted;
  }

  #delete(record: SessionRecord): void {
    this.#groups.remove(record);
    this.#updates.remove(record);
    this.#sessions.delete(record);
    this.#routesChanged ||= record.isRouted;
    this.#emergencyCalls.remove(record);
    this.#applyEmergency();
    this.#broughtUp.disconnectUnused(this.#services);
  }

  /** Ends a step of an event. Some dialects report each step in a separate Update. */
  #endStep(): void {
    if (this.dialect.updates === "per step") this.#updates.reportChanges();
  }
}

/**
 * Returns which of the settings ConnMan 1.41 reports even if their values have not changed: those that had a value
 * before, or have one after the change.
 */
function repeatedSettings(
  names: readonly (typeof DISCONNECTING_SETTINGS)[number][],
  before: Pick<SessionRecord, "requested" | "request">,
  after: Pick<SessionRecord, "requested" | "request">,
): readonly SettingName[] {
  const hasValue = {
    allowedBearers: [before, after].some(({ request }) => request.bearers.length > 0),
    allowedInterface: [before, after].some(({ requested }) => requested.namesInterface),
  };
  return names.filter((name) => hasValue[name]);
}
