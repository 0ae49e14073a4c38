import { LimitsExceededError } from "@dbus-codegen-ts/runtime";
import type { SettingEntry } from "./policy/settings.ts";

/** Resources that clients may use. Beyond a quota, calls fail with `org.freedesktop.DBus.Error.LimitsExceeded`. */
export interface SessionQuotas {
  /** Sessions of one client at the same time. Default: 4,096. */
  readonly sessionsPerClient?: number;
  /** Sessions of all clients of one user at the same time. Default: 16,384. */
  readonly sessionsPerUser?: number;
  /** Sessions of all clients at the same time. Default: 65,536. */
  readonly sessions?: number;
  /** Calls of one client that wait for an authorization, such as for a password. Default: 4. */
  readonly authorizationsPerClient?: number;
  /** Calls of all clients of one user that wait for an authorization. Default: 16. */
  readonly authorizationsPerUser?: number;
  /** Calls of all clients that wait for an authorization. Default: 256. */
  readonly authorizations?: number;
  /** Names in AllowedBearers. Default: 64. */
  readonly bearersPerList?: number;
  /** Length of a setting, of a name in a list and of a notifier's path, in UTF-16 code units. Default: 1,024. */
  readonly textLength?: number;
}

export const DEFAULT_QUOTAS: Required<SessionQuotas> = {
  sessionsPerClient: 4096,
  sessionsPerUser: 16_384,
  sessions: 65_536,
  authorizationsPerClient: 4,
  authorizationsPerUser: 16,
  authorizations: 256,
  bearersPerList: 64,
  textLength: 1024,
};

/** Throws LimitsExceededError if a setting is too long. */
export function checkSettingSize(quotas: Required<SessionQuotas>, { name, value }: SettingEntry): void {
  if (Array.isArray(value) && value.length > quotas.bearersPerList) {
    throw new LimitsExceededError(`${name.slice(0, quotas.textLength)} may have ${quotas.bearersPerList} entries`);
  }
  for (const text of [name, ...(Array.isArray(value) ? value : [value])]) {
    if (typeof text === "string") checkTextLength(quotas, text);
  }
}

/** Throws LimitsExceededError if a text is too long. */
export function checkTextLength(quotas: Required<SessionQuotas>, text: string): void {
  if (text.length > quotas.textLength) throw new LimitsExceededError(`a text may have ${quotas.textLength} characters`);
}

/**
 * Limits on the number of sessions that are routed separately. Further sessions keep their service, but their traffic
 * is routed like other traffic.
 */
export interface RoutingQuotas {
  /** Routed sessions of one user or group. The oldest sessions are routed. Default: 64. */
  readonly routedSessionsPerOwner?: number;
  /** Routed sessions of all users and groups. Default: 1,024. */
  readonly routedSessions?: number;
}

export const DEFAULT_ROUTING_QUOTAS: Required<RoutingQuotas> = { routedSessionsPerOwner: 64, routedSessions: 1024 };

/** Maximum number of services of NetworkManager that are used. Further services are ignored. */
export const MAX_SERVICES = 1024;

/** Maximum number of objects of NetworkManager that are followed. Further objects are ignored. */
export const MAX_NETWORK_OBJECTS = 16_384;

/** Maximum number of access points of one Wi-Fi device that are used. Further access points are ignored. */
export const MAX_ACCESS_POINTS = 4096;

/**
 * Maximum number of profiles whose changes are followed. Changes of further profiles are not noticed. A bus allows 512
 * match rules.
 */
export const MAX_FOLLOWED_PROFILES = 400;

/** Maximum number of interfaces of systemd-networkd that are followed. Further interfaces are ignored. */
export const MAX_FOLLOWED_LINKS = 256;

/** Maximum number of modems whose roaming is followed. Further modems count as being in their home network. */
export const MAX_FOLLOWED_MODEMS = 16;
