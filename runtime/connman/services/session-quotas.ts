import { LimitsExceededError } from "@dbus-codegen-ts/runtime";
import type { SettingEntry } from "../policy/settings.ts";

/** Resources that clients may use. Beyond a quota, calls fail with `org.freedesktop.DBus.Error.LimitsExceeded`. */
export interface SessionQuotas {
  /** Sessions of one client at the same time. Default: 4,096. */
  readonly sessionsPerClient?: number;
  /** Sessions of all clients at the same time. Default: 65,536. */
  readonly sessions?: number;
  /** Names in AllowedBearers. Default: 64. */
  readonly bearersPerList?: number;
  /** Length of a setting, of a name in a list and of a notifier's path, in UTF-16 code units. Default: 1,024. */
  readonly textLength?: number;
}

export const DEFAULT_QUOTAS: Required<SessionQuotas> = {
  sessionsPerClient: 4096,
  sessions: 65_536,
  bearersPerList: 64,
  textLength: 1024,
};

/** Throws LimitsExceededError if a client with `ofClient` sessions, among `all` sessions, cannot have another one. */
export function checkSessionCounts(quotas: Required<SessionQuotas>, ofClient: number, all: number): void {
  if (ofClient >= quotas.sessionsPerClient) {
    throw new LimitsExceededError(`a client may have ${quotas.sessionsPerClient} sessions`);
  }
  if (all >= quotas.sessions) throw new LimitsExceededError(`there may be ${quotas.sessions} sessions`);
}

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
