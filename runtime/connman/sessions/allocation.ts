import type { Dialect } from "../policy/dialect.ts";
import { type Assignment, assignmentTo } from "../policy/reported-settings.ts";
import { isConnected, type NetworkService } from "../policy/service.ts";
import { canServe, chooseService, chooseServiceToConnect, firstBetterService } from "../policy/session-request.ts";
import type { AllocationState } from "./allocation-state.ts";

/** Available services by id, in order of preference. */
export type Services = ReadonlyMap<string, NetworkService>;

/** The difference between two sets of services. */
export interface ServicesChange {
  readonly before: Services;
  readonly after: Services;
  /** Ids of services that were added, changed or removed. */
  readonly ids: ReadonlySet<string>;
  /** Names of the interfaces of these services, before and after the change. */
  readonly interfaces: ReadonlySet<string>;
  /** Services whose state has become `ready` or `online`. */
  readonly risen: readonly NetworkService[];
}

/** Compares two sets of services. Returns undefined if they are equal. */
export function compareServices(before: Services, after: Services): ServicesChange | undefined {
  const changed = [...before.values(), ...after.values()].filter(({ id }) => before.get(id) !== after.get(id));
  if (changed.length === 0) return undefined;
  return {
    before,
    after,
    ids: new Set(changed.map(({ id }) => id)),
    interfaces: new Set(changed.map((service) => service.interface)),
    risen: [...after.values()].filter(
      (service) => isConnected(service) && before.get(service.id)?.state !== service.state,
    ),
  };
}

/** Sessions that are allocated together: their allocation state and their present assignment. */
export interface Allocated {
  readonly state: AllocationState;
  readonly assignment: Assignment;
}

/** Result of an allocation for one group of sessions. An absent field means no change. */
export interface AllocationChange<Group> {
  readonly group: Group;
  /** First change: the assignment after the loss of a service that can no longer serve the group. */
  readonly loss?: Assignment;
  /** Second change: the assignment of a new service, or of the same service after its values have changed. */
  readonly gain?: Assignment;
  /** Id of the service that the group needs to be brought up. */
  readonly serviceToConnect?: string;
}

/**
 * Allocates services to groups of sessions after the services have changed.
 *
 * @returns The changes of all groups whose assignment changes or that need a service, in the order of `groups`.
 */
export function allocate<Group extends Allocated>(
  dialect: Dialect,
  change: ServicesChange,
  groups: readonly Group[],
): readonly AllocationChange<Group>[] {
  return groups.flatMap((group) => {
    const { state, assignment } = group;
    const loss = hasLostService(change.after, group) ? assignmentTo(dialect, state.request, undefined) : undefined;
    const gain = reassign(dialect, change, state, loss ?? assignment);
    const serviceToConnect = missingService(change.after, { state, assignment: gain ?? loss ?? assignment })?.id;
    if (loss === undefined && gain === undefined && serviceToConnect === undefined) return [];
    return [{ group, ...(loss && { loss }), ...(gain && { gain }), ...(serviceToConnect && { serviceToConnect }) }];
  });
}

/**
 * Allocates a service to one session after its allocation state has changed.
 *
 * @param before - The assignment that the session has.
 */
export function allocateSession(
  dialect: Dialect,
  services: Services,
  { request, keptByAvoidHandover, awaitingService, blockedByEmergencyCall }: AllocationState,
  before: Assignment,
): Assignment {
  if (blockedByEmergencyCall) return assignmentTo(dialect, request, undefined);
  const current = services.get(before.service ?? "");
  if (dialect.assignment === "by event") {
    const better = firstBetterService(request, services.values(), current);
    return better === undefined ? before : assignmentTo(dialect, request, better);
  }
  const isKept = keptByAvoidHandover && current !== undefined && canServe(request, current);
  const chosen = isKept ? current : chooseService(request, services.values(), before.service);
  return assignmentTo(dialect, request, awaitingService ? undefined : chosen);
}

/**
 * Returns the service to bring up for sessions; undefined if the sessions have a service or do not need one, or no
 * service can be brought up.
 */
export function missingService(services: Services, { state, assignment }: Allocated): NetworkService | undefined {
  const { isActive, blockedByEmergencyCall, request } = state;
  if (!isActive || blockedByEmergencyCall || assignment.service !== undefined) return undefined;
  return chooseServiceToConnect(request, services.values());
}

function hasLostService(services: Services, { state, assignment }: Allocated): boolean {
  const service = services.get(assignment.service ?? "");
  return assignment.service !== undefined && (service === undefined || !canServe(state.request, service));
}

/** Returns the new assignment; undefined if the session keeps its assignment. */
function reassign(
  dialect: Dialect,
  { before, after, risen }: ServicesChange,
  { request, keptByAvoidHandover, awaitingService, blockedByEmergencyCall }: AllocationState,
  assignment: Assignment,
): Assignment | undefined {
  if (blockedByEmergencyCall) return undefined;
  if (awaitingService && !risen.some((service) => canServe(request, service))) return undefined;
  const id = assignment.service ?? "";
  const current = after.get(id);
  const isKept = keptByAvoidHandover && current !== undefined;
  const next = isKept ? current : chooseService(request, after.values(), assignment.service);
  if (next === current && next === before.get(id)) return undefined;
  return assignmentTo(dialect, request, next);
}
