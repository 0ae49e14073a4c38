import type { Dialect } from "./dialect.ts";
import type { RequestedSettings } from "./requested-settings.ts";
import type { NetworkService } from "./service.ts";
import type { SessionRequest } from "./session-request.ts";
import { SETTING_TABLE, type ServiceView, type SessionView } from "./setting-table.ts";
import type { AllSettings, SettingName, Settings } from "./settings.ts";

/** The service that a session has, with the settings that are reported for it. */
export interface Assignment {
  /** Id of the service; undefined if the session has no service. */
  readonly service: string | undefined;
  /** Reported settings of the service. */
  readonly settings: Settings;
}

/** The assignments that were created last for a request. They are reused, because many sessions share a request. */
interface LastAssignments {
  readonly dialect: Dialect;
  readonly service: NetworkService | undefined;
  readonly assignment: Assignment;
  /** The assignment for a session without service; undefined if it was not needed yet. */
  readonly none: Assignment | undefined;
}

const lastAssignments = new WeakMap<SessionRequest, LastAssignments>();

/**
 * Returns the assignment of a service to a session, or of no service if `service` is undefined. Returns the same object
 * if the request and the service have not changed.
 */
export function assignmentTo(
  dialect: Dialect,
  request: SessionRequest,
  service: NetworkService | undefined,
): Assignment {
  const found = lastAssignments.get(request);
  const last = found?.dialect === dialect ? found : undefined;
  if (last?.none !== undefined && service === undefined) return last.none;
  if (last !== undefined && last.service === service) return last.assignment;
  const assignment = newAssignment(dialect, request, service);
  const none = service === undefined ? assignment : last?.none;
  // The assignment without a service and the last assignment with a service are both kept.
  const kept = service === undefined && last !== undefined ? last : { service, assignment };
  lastAssignments.set(request, { dialect, service: kept.service, assignment: kept.assignment, none });
  return assignment;
}

function newAssignment(dialect: Dialect, request: SessionRequest, service: NetworkService | undefined): Assignment {
  const state = stateOf(dialect, request, service);
  const areAddressesHidden = dialect.addresses === "when online" && state !== "online";
  const view = { dialect, state, service, addressedService: areAddressesHidden ? undefined : service };
  return { service: service?.id, settings: serviceSettings(view) };
}

/** Returns the reported settings of a session that do not depend on its service. */
export function sessionSettings(view: SessionView, requested: RequestedSettings): Settings {
  return collect(view.dialect, (settings, name) => {
    const row = SETTING_TABLE[name];
    if (row.source === "session") settings[name] = row.report(view);
    else if (row.source === "client") {
      const { [name]: value }: Settings = requested;
      if (value !== undefined) settings[name] = row.report(value, view);
    }
  });
}

/**
 * Returns the settings of the service to report after the assignment has changed: those whose values differ. If the
 * dialect repeats equal values, the result also contains addresses that were set to equal values, and all settings of
 * the service if it is another service than before.
 */
export function changedServiceSettings(dialect: Dialect, before: Assignment, after: Assignment): Settings {
  const repeatsEqual = dialect.equalValues === "repeat";
  const isOtherService = before.service !== after.service;
  return changed(dialect, after.settings, (name) => {
    const [previous, current] = [before.settings[name], after.settings[name]];
    return repeatsEqual ? previous !== current || (isOtherService && name !== "state") : !isEqual(previous, current);
  });
}

/**
 * Returns the settings of the session to report after a change: those whose values differ, and those in `repeated`.
 *
 * @param repeated - Settings to report even if their values have not changed.
 */
export function changedSessionSettings(
  dialect: Dialect,
  before: Settings,
  after: Settings,
  repeated: readonly SettingName[],
): Settings {
  return changed(dialect, after, (name) => repeated.includes(name) || !isEqual(before[name], after[name]));
}

function stateOf(
  { localState }: Dialect,
  { connectionType }: SessionRequest,
  service: NetworkService | undefined,
): AllSettings["state"] {
  if (service === undefined) return "disconnected";
  const isOnline = service.state === "online" && !(connectionType === "local" && localState === "connected");
  return isOnline ? "online" : "connected";
}

function serviceSettings(view: ServiceView): Settings {
  return collect(view.dialect, (settings, name) => {
    const row = SETTING_TABLE[name];
    if (row.source === "service") settings[name] = row.report(view);
  });
}

function changed(dialect: Dialect, after: Settings, isReported: (name: SettingName) => boolean): Settings {
  return collect(dialect, (settings, name) => {
    if (name in after && isReported(name)) settings[name] = after[name];
  });
}

type WritableSettings = { -readonly [K in SettingName]?: AllSettings[K] };

/** Creates settings by calling `add` for each setting name, in the order of the dialect. */
function collect(
  { settings: names }: Dialect,
  add: <K extends SettingName>(settings: WritableSettings, name: K) => void,
): Settings {
  const settings: WritableSettings = {};
  for (const name of names) add(settings, name);
  return settings;
}

/** Returns whether two values of a setting are equal. Lists and dictionaries are equal if their entries are. */
function isEqual(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return false;
  const entries = Object.entries(left);
  if (entries.length !== Object.keys(right).length) return false;
  return entries.every(([key, value]) => value === Reflect.get(right, key));
}
