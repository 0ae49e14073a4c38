import type { Dialect } from "./dialect.ts";
import {
  CLIENT_SETTING_NAMES,
  CLIENT_SETTINGS,
  type ClientSettingName,
  isClientSetting,
  type SettingCall,
  WITHOUT_EFFECT,
} from "./setting-table.ts";
import { type AllSettings, SETTING_ENTRIES, type SettingEntry } from "./settings.ts";

/**
 * Settings that the client of a session requested. Immutable. Names that the dialect drops are already removed from
 * AllowedBearers.
 */
export interface RequestedSettings extends Pick<AllSettings, ClientSettingName> {
  /**
   * Whether the client has set AllowedInterface to an interface name or `*`. False if the setting is absent, or was
   * reset by an empty text.
   */
  readonly namesInterface: boolean;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const defaultsByDialect = new WeakMap<Dialect, RequestedSettings>();

/**
 * Returns the settings of a session whose client sets none. Each call with the same dialect returns the same object.
 */
export function defaultSettings(dialect: Dialect): RequestedSettings {
  const existing = defaultsByDialect.get(dialect);
  if (existing !== undefined) return existing;
  const settings = initialSettings(dialect);
  defaultsByDialect.set(dialect, settings);
  return settings;
}

function initialSettings(dialect: Dialect): RequestedSettings {
  const settings: Writable<Partial<RequestedSettings>> = { namesInterface: false };
  const setInitial = <K extends ClientSettingName>(name: K): void => {
    settings[name] = CLIENT_SETTINGS[name].initial(dialect);
  };
  for (const name of CLIENT_SETTING_NAMES) setInitial(name);
  if (!isComplete(settings)) throw new Error("a setting has no initial value");
  return settings;
}

/**
 * Reads the settings of CreateSession.
 *
 * @returns undefined if clients cannot set one of the settings, or its value is not valid.
 */
export function readRequestedSettings(
  dialect: Dialect,
  entries: Iterable<SettingEntry>,
): RequestedSettings | undefined {
  let settings = defaultSettings(dialect);
  for (const entry of entries) {
    const change = readEntry(dialect, entry, "CreateSession");
    if (change === undefined) return undefined;
    settings = { ...settings, ...change };
  }
  return settings;
}

/**
 * Reads the setting that Change sets.
 *
 * @returns The settings to replace, which are empty if the value has no effect; undefined if clients cannot change the
 * setting, or its value is not valid.
 */
export function readSettingChange(dialect: Dialect, entry: SettingEntry): Partial<RequestedSettings> | undefined {
  return readEntry(dialect, entry, "Change");
}

function readEntry(dialect: Dialect, entry: SettingEntry, call: SettingCall): Partial<RequestedSettings> | undefined {
  const name = dialect.settings.find((setting) => SETTING_ENTRIES[setting].key === entry.name);
  if (name === undefined || !isClientSetting(name)) return undefined;
  const value = valueOfType(entry, SETTING_ENTRIES[name].type);
  return value === undefined ? undefined : readValue(name, value, dialect, call);
}

function readValue<K extends ClientSettingName>(
  name: K,
  sent: unknown,
  dialect: Dialect,
  call: SettingCall,
): Partial<RequestedSettings> | undefined {
  const value = CLIENT_SETTINGS[name].parse(sent, dialect, call);
  if (value === undefined) return undefined;
  const change: Writable<Partial<RequestedSettings>> = {};
  if (value === WITHOUT_EFFECT) return change;
  change[name] = value;
  if (name === "allowedInterface") change.namesInterface = sent !== "" || value === "";
  return change;
}

/**
 * Returns the value of a setting; undefined if its D-Bus type is not that of the setting. As in ConnMan, an empty array
 * or dictionary of any type is an empty list.
 */
function valueOfType({ signature, value }: SettingEntry, type: string): unknown {
  if (signature === type) return value;
  return type === "as" && signature.startsWith("a") && isEmpty(value) ? [] : undefined;
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

function isComplete(settings: Partial<RequestedSettings>): settings is RequestedSettings {
  return CLIENT_SETTING_NAMES.every((name) => name in settings);
}
