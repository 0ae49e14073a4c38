import type { Assignment } from "../policy/reported-settings.ts";
import { ANY_INTERFACE } from "../policy/settings.ts";
import type { AllocationState } from "./allocation-state.ts";
import { SessionGroup, type SessionRecord } from "./session-record.ts";

/**
 * All session groups, with an index by interface, so that the time for an event depends only on the affected sessions.
 */
export class SessionGroups {
  readonly #byKey = new Map<string, SessionGroup>();
  readonly #byInterface = new Map<string, Set<SessionGroup>>();
  /** Number of active sessions that could use a service of each bearer. */
  readonly #activeByBearer = new Map<string, number>();

  /** Moves a session to the group of its state and assignment. */
  place(record: SessionRecord, state: AllocationState, assignment: Assignment): void {
    this.remove(record);
    const group = this.#ensureGroup(state, assignment);
    group.members.add(record);
    record.group = group;
    if (state.isActive) this.#countActive(state, 1);
  }

  remove(record: SessionRecord): void {
    const { group } = record;
    if (group === undefined) return;
    group.members.delete(record);
    record.group = undefined;
    if (group.state.isActive) this.#countActive(group.state, -1);
    if (group.members.size === 0) this.#removeGroup(group);
  }

  /**
   * Changes the state and assignment of all members of a group. If another group already has the new values, the
   * members join that group.
   *
   * @param state - The new state. Its request and `isActive` must be those of the present state.
   */
  moveMembers(group: SessionGroup, state: AllocationState, assignment: Assignment): void {
    const key = groupKeyOf(state, assignment);
    if (key === group.key || !this.#byKey.has(key)) {
      this.#byKey.delete(group.key);
      group.key = key;
      group.state = state;
      group.assignment = assignment;
      this.#byKey.set(key, group);
      return;
    }
    const target = this.#ensureGroup(state, assignment);
    for (const record of group.members) {
      target.members.add(record);
      record.group = target;
    }
    group.members.clear();
    this.#removeGroup(group);
  }

  /** Returns the groups that could use services of some interfaces. */
  onInterfaces(names: ReadonlySet<string>): readonly SessionGroup[] {
    const groups = [...(this.#byInterface.get(ANY_INTERFACE) ?? [])];
    for (const name of names) groups.push(...(this.#byInterface.get(name) ?? []));
    return groups;
  }

  /** Returns whether an active session could use services of a bearer. */
  hasActiveSession(bearer: string): boolean {
    return (this.#activeByBearer.get(bearer) ?? 0) > 0;
  }

  #ensureGroup(state: AllocationState, assignment: Assignment): SessionGroup {
    const key = groupKeyOf(state, assignment);
    const existing = this.#byKey.get(key);
    if (existing !== undefined) return existing;
    const group = new SessionGroup(key, state, assignment);
    this.#byKey.set(key, group);
    const { interface: name } = state.request;
    const groups = this.#byInterface.get(name);
    if (groups === undefined) this.#byInterface.set(name, new Set([group]));
    else groups.add(group);
    return group;
  }

  #removeGroup(group: SessionGroup): void {
    if (this.#byKey.get(group.key) === group) this.#byKey.delete(group.key);
    const { interface: name } = group.state.request;
    const groups = this.#byInterface.get(name);
    groups?.delete(group);
    if (groups?.size === 0) this.#byInterface.delete(name);
  }

  #countActive({ request }: AllocationState, difference: number): void {
    for (const bearer of request.bearers) {
      this.#activeByBearer.set(bearer, (this.#activeByBearer.get(bearer) ?? 0) + difference);
    }
  }
}

/**
 * Returns the key of a group. Sessions belong to the same group if their allocation states, their services and the
 * reported states of these services are equal.
 */
function groupKeyOf(
  { requestKey, isActive, awaitingService, keptByAvoidHandover, blockedByEmergencyCall }: AllocationState,
  { service = "", settings }: Assignment,
): string {
  const flags =
    Number(isActive) +
    2 * Number(awaitingService) +
    4 * Number(keptByAvoidHandover) +
    8 * Number(blockedByEmergencyCall);
  return `${flags} ${settings.state ?? settings.online} ${service} ${requestKey}`;
}
