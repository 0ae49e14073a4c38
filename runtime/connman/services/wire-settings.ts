import { type ExtraEntries, keepEncoding, Variant } from "@dbus-codegen-ts/runtime";
import { SessionSettings } from "@dbus-codegen-ts/stubs/net.connman.Session";
import { SETTING_ENTRIES, type SettingEntry, type Settings } from "../policy/settings.ts";

const DECLARED = new Map(Object.entries(SessionSettings.entries));

/** Settings that the generated dictionary of Update does not declare: those that only the API of 2011 has. */
const UNDECLARED = Object.entries(SETTING_ENTRIES).filter(([name]) => !Object.hasOwn(SessionSettings.entries, name));

/**
 * Cache of the dictionaries for Update, by the settings from which they were created. Many sessions report the same
 * settings object.
 */
const dictionaries = new WeakMap<Settings, SessionSettings>();

/** Yields the settings of a decoded CreateSession dictionary. */
export function* settingEntries(settings: SessionSettings): Iterable<SettingEntry> {
  for (const [member, value] of Object.entries(settings)) {
    const declared = DECLARED.get(member);
    if (declared !== undefined) yield { name: declared.key, signature: declared.type, value };
  }
  const { extra = {} } = settings;
  // The caller stops at the first unknown name, so entries are created one by one.
  for (const name of Object.keys(extra)) {
    const variant = extra[name];
    if (variant !== undefined) yield { name, signature: variant.signature, value: variant.value };
  }
}

/** Returns the dictionary for Update with settings. The settings must not be modified after the call. */
export function wireSettings(settings: Settings): SessionSettings {
  const existing = dictionaries.get(settings);
  if (existing !== undefined) return keepEncoding(existing);
  const extra = undeclaredEntries(settings);
  const dictionary = extra === undefined ? settings : { ...settings, extra };
  dictionaries.set(settings, dictionary);
  return dictionary;
}

function undeclaredEntries(settings: Settings): ExtraEntries | undefined {
  let extra: Record<string, Variant> | undefined;
  for (const [name, { key, type }] of UNDECLARED) {
    const value: unknown = Reflect.get(settings, name);
    if (value === undefined) continue;
    extra ??= {};
    extra[key] = new Variant(type, value);
  }
  return extra;
}
