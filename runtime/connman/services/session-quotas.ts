import { LimitsExceededError } from "@dbus-codegen-ts/runtime";
import type { SettingEntry } from "../policy/requested-settings.ts";

/** How much one client may use. */
export interface SessionLimits {
  /** Sessions at a time: 4096 by default. */
  readonly sessionsPerClient?: number;
  /** Sessions of all clients together: 65 536 by default. */
  readonly sessions?: number;
  /** Names in AllowedBearers: 64 by default. */
  readonly bearers?: number;
  /** Characters of a setting, a name in a list, or the path of a notifier: 1024 by default. */
  readonly text?: number;
}

export const DEFAULT_LIMITS: Required<SessionLimits> = {
  sessionsPerClient: 4096,
  sessions: 65_536,
  bearers: 64,
  text: 1024,
};

/** Throws LimitsExceededError when a client has no session left, or nobody has. */
export function checkCounts(limits: Required<SessionLimits>, ofClient: number, all: number): void {
  if (ofClient >= limits.sessionsPerClient) {
    throw new LimitsExceededError(`a client may have ${limits.sessionsPerClient} sessions`);
  }
  if (all >= limits.sessions) throw new LimitsExceededError(`there may be ${limits.sessions} sessions`);
}

/** Throws LimitsExceededError when a setting is larger than any that makes sense. */
export function checkEntry(limits: Required<SessionLimits>, { name, value }: SettingEntry): void {
  if (Array.isArray(value) && value.length > limits.bearers) {
    throw new LimitsExceededError(`${name.slice(0, limits.text)} may have ${limits.bearers} entries`);
  }
  for (const text of [name, ...(Array.isArray(value) ? value : [value])]) {
    if (typeof text === "string") checkText(limits, text);
  }
}

export function checkText(limits: Required<SessionLimits>, text: string): void {
  if (text.length > limits.text) throw new LimitsExceededError(`a text may have ${limits.text} characters`);
}
