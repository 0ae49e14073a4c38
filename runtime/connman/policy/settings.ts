import { SessionSettings, SessionSettings2011 } from "@dbus-codegen-ts/stubs/net.connman.Session";

/** Every setting of every dialect. The generated dictionaries of `net.connman.Session` define names and types. */
export type AllSettings = Readonly<Required<Omit<SessionSettings & SessionSettings2011, "extra">>>;

export type SettingName = keyof AllSettings;

/**
 * Settings to report to a client: all settings of its dialect in the first Update, only the changed settings in later
 * Updates.
 */
export type Settings = Partial<AllSettings>;

/** Value of AllowedInterface that matches any interface. */
export const ANY_INTERFACE = "*";

/** D-Bus name and type of each setting. */
export const SETTING_ENTRIES: { readonly [K in SettingName]: { readonly key: string; readonly type: string } } = {
  ...SessionSettings2011.entries,
  ...SessionSettings.entries,
};

/** Settings that were added to the documented API after 2013. Clients of 2013 do not know them. */
const ADDED_AFTER_2013: ReadonlySet<SettingName> = new Set(["allowedInterface", "contextIdentifier", "sourceIPRule"]);

/** Names of the settings by generation of the API, in the order of the first Update. */
export const SETTINGS_2017 = settingNames(SessionSettings.entries);
export const SETTINGS_2013 = SETTINGS_2017.filter((name) => !ADDED_AFTER_2013.has(name));
export const SETTINGS_2011 = settingNames(SessionSettings2011.entries);

/** A setting as a client sent it. */
export interface SettingEntry {
  /** D-Bus name, such as `AllowedBearers`. */
  readonly name: string;
  /** D-Bus type of the value. */
  readonly signature: string;
  readonly value: unknown;
}

function settingNames(entries: object): readonly SettingName[] {
  return Object.keys(entries).filter((name): name is SettingName => Object.hasOwn(SETTING_ENTRIES, name));
}
