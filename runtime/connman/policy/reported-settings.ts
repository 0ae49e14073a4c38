import { bearerName } from "./bearers.ts";
import type { Dialect } from "./dialect.ts";
import type { SessionPolicy } from "./policy.ts";
import type { RequestedSettings } from "./requested-settings.ts";
import type { Bearer, NetworkService } from "./service.ts";
import { connectionTypeOf, type SessionRequest } from "./session-request.ts";
import type { AllSettings, SessionState, SettingName, Settings } from "./settings.ts";

/** What sessions show of the service they are assigned to. */
export interface Connection {
  /** Id of the service. */
  readonly service: string | undefined;
  readonly settings: Settings;
}

const NOTHING: AllSettings["ipv4"] & AllSettings["ipv6"] = {};

/** What a session shows of a service. */
export function connectionTo(
  dialect: Dialect,
  demand: SessionRequest,
  service: NetworkService | undefined,
): Connection {
  const state = stateOf(dialect, demand, service);
  const hidden = service === undefined || (dialect.addresses === "when online" && state !== "online");
  return {
    service: service?.id,
    settings: pick(dialect, {
      state,
      online: state === "online",
      name: service?.name ?? "",
      ipv4: hidden ? NOTHING : service.ipv4,
      ipv6: hidden ? NOTHING : service.ipv6,
      interface: service?.interface ?? "",
      bearer: service === undefined ? "" : bearerName(dialect, service.bearer),
    }),
  };
}

/** What a session shows of the service it already has, after that has changed. */
export function connectionAfter(
  dialect: Dialect,
  demand: SessionRequest,
  before: Connection,
  service: NetworkService,
): Connection {
  const after = connectionTo(dialect, demand, service);
  const { settings } = before;
  const moved = settings.ipv4 !== after.settings.ipv4 || settings.ipv6 !== after.settings.ipv6;
  if (dialect.state === "of service" || moved || settings.state === undefined) return after;
  return { ...after, settings: { ...after.settings, state: settings.state } };
}

/** What a session has that its client did not ask for just so. */
export interface Granted {
  /** The bearers it may use. */
  readonly bearers: readonly Bearer[];
  /** Whether an emergency call is going on, as it is told. */
  readonly emergencyCall: boolean;
  readonly sessionMarker: number;
}

/** What a session shows of itself: what its client asked for, as far as it was granted. */
export function ownSettings(
  dialect: Dialect,
  request: RequestedSettings,
  policy: SessionPolicy | undefined,
  granted: Granted,
): Settings {
  const { contextIdentifier, sourceIPRule, priority, avoidHandover, stayConnected } = request;
  return pick(dialect, {
    connectionType: connectionTypeOf(request, policy),
    allowedBearers: reportedBearers(dialect, request, granted.bearers),
    allowedInterface: request.interface,
    contextIdentifier,
    sourceIPRule,
    priority: priority || (policy?.priority ?? false),
    avoidHandover,
    stayConnected,
    periodicConnect: request.periodicConnect,
    idleTimeout: request.idleTimeout,
    emergencyCall: granted.emergencyCall,
    roamingPolicy: request.roamingPolicy,
    sessionMarker: granted.sessionMarker,
  });
}

/**
 * What a session tells of its service having changed. Where the dialect repeats equal values, the settings of another
 * service come together, and addresses that were set again come again.
 */
export function connectionChanges(dialect: Dialect, before: Connection, after: Connection): Settings {
  const repeats = dialect.equalValues === "repeat";
  const isOther = before.service !== after.service;
  return filter(dialect, after.settings, (name) => {
    const [was, is] = [before.settings[name], after.settings[name]];
    return repeats ? was !== is || (isOther && name !== "state") : !isEqual(was, is);
  });
}

/** What a session tells of its own settings having changed; those named in `again` also when they are equal. */
export function ownChanges(
  dialect: Dialect,
  before: Settings,
  after: Settings,
  again: readonly SettingName[],
): Settings {
  return filter(dialect, after, (name) => again.includes(name) || !isEqual(before[name], after[name]));
}

function stateOf(dialect: Dialect, demand: SessionRequest, service: NetworkService | undefined): SessionState {
  if (service === undefined) return "disconnected";
  const capped = demand.connectionType === "local" && dialect.localState === "connected";
  return service.state === "online" && !capped ? "online" : "connected";
}

function reportedBearers(dialect: Dialect, request: RequestedSettings, granted: readonly Bearer[]): readonly string[] {
  if (dialect.reportedBearers === "as given") return request.bearers;
  return granted.map((bearer) => bearerName(dialect, bearer));
}

/** The settings that the dialect has, in its order. */
function pick(dialect: Dialect, settings: Settings): Settings {
  return filter(dialect, settings, (name) => name in settings);
}

function filter(dialect: Dialect, settings: Settings, keep: (name: SettingName) => boolean): Settings {
  const kept: Writable<Settings> = {};
  for (const [name] of dialect.settings) if (name in settings && keep(name)) copy(settings, kept, name);
  return kept;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

function copy<K extends SettingName>(from: Settings, to: Writable<Settings>, name: K): void {
  to[name] = from[name];
}

/** Whether two settings are equal, lists and dictionaries by what is in them. */
function isEqual(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  const entries = Object.entries(one);
  if (entries.length !== Object.keys(other).length) return false;
  return entries.every(([key, value]) => value === Reflect.get(other, key));
}
