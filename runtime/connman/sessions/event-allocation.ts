import type { Dialect } from "../policy/dialect.ts";
import { type Assignment, assignmentTo } from "../policy/reported-settings.ts";
import { isConnected, type NetworkService } from "../policy/service.ts";
import { canServe, firstBetterService } from "../policy/session-request.ts";
import type { SettingName, Settings } from "../policy/settings.ts";
import type { Allocated, Services, ServicesChange } from "./allocation.ts";

/** The change of one service. */
export interface ServiceEvent {
  /** The service before the change; undefined if the service is new. */
  readonly before: NetworkService | undefined;
  /** The service after the change; undefined if the service was removed. */
  readonly after: NetworkService | undefined;
  /** All services after the change. */
  readonly services: Services;
}

/**
 * Divides a change of several services into changes of single services. Changes of services that are not up come first.
 */
export function serviceEvents({ before, after, ids }: ServicesChange): readonly ServiceEvent[] {
  const isUp = (id: string): boolean => isUsable(after.get(id));
  const remaining = new Set(ids);
  return [...ids]
    .sort((left, right) => Number(isUp(left)) - Number(isUp(right)))
    .map((id) => {
      remaining.delete(id);
      return { before: before.get(id), after: after.get(id), services: withoutChanges(before, after, remaining) };
    });
}

/**
 * Returns the assignments that a session gets one after another when one service changes, as in ConnMan 1.41:
 *
 * - If the session loses its service, it gets the first service that can serve it.
 * - If a service comes up, or changes between `ready` and `online`, the session gets this service if the session
 *   prefers the bearer of this service to that of its present service. If the changed service is the present one and
 *   can no longer serve the session, the session gets no other service.
 * - The session reports the state that its service had at the assignment, until an address of the service changes. Then
 *   it reports the present state before the address.
 */
export function stepsOfEvent(
  dialect: Dialect,
  { before, after, services }: ServiceEvent,
  { state: { request, blockedByEmergencyCall }, assignment }: Allocated,
): readonly Assignment[] {
  const isPresent = assignment.service !== undefined && assignment.service === (after ?? before)?.id;
  if (isPresent && !isUsable(after)) {
    const next = blockedByEmergencyCall ? undefined : firstBetterService(request, services.values(), undefined);
    const loss = assignmentTo(dialect, request, undefined);
    return next === undefined ? [loss] : [loss, assignmentTo(dialect, request, next)];
  }
  if (after === undefined || !isUsable(after)) return [];
  const hasChangedState = before?.state !== after.state;
  if (!isPresent) {
    if (!hasChangedState || blockedByEmergencyCall) return [];
    const next = firstBetterService(request, [after], services.get(assignment.service ?? ""));
    return next === undefined ? [] : [assignmentTo(dialect, request, next)];
  }
  if (hasChangedState && !canServe(request, after)) return [assignmentTo(dialect, request, undefined)];
  return stepsOfPresentService(assignment, assignmentTo(dialect, request, after));
}

/** Returns the assignments by which a change of the session's present service is reported, one per step. */
function stepsOfPresentService(assignment: Assignment, present: Assignment): readonly Assignment[] {
  const { settings: before } = assignment;
  const { settings: after } = present;
  const reported = ["state", "ipv4", "ipv6"] as const;
  const isOutdated = (name: SettingName): boolean => before[name] !== after[name];
  let settings = { ...after, ...only(before, reported) };
  if (!isOutdated("ipv4") && !isOutdated("ipv6")) return [{ ...present, settings }];
  return reported.filter(isOutdated).map((name) => {
    settings = { ...settings, ...only(after, [name]) };
    return { ...present, settings };
  });
}

function only(settings: Settings, names: readonly SettingName[]): Settings {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => names.some((other) => other === name)));
}

/** Returns the services after a change, except that the services in `unchanged` are those before the change. */
function withoutChanges(before: Services, after: Services, unchanged: ReadonlySet<string>): Services {
  const services = new Map<string, NetworkService>();
  for (const [id, service] of [...after, ...before]) {
    const present = unchanged.has(id) ? before.get(id) : after.get(id) && service;
    if (present !== undefined && !services.has(id)) services.set(id, present);
  }
  return services;
}

function isUsable(service: NetworkService | undefined): boolean {
  return service !== undefined && isConnected(service);
}
