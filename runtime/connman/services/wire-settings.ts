import { type ExtraEntries, Variant } from "@dbus-codegen-ts/runtime";
import { SessionSettings } from "@dbus-codegen-ts/stubs/net.connman.Session";
import { SETTING_ENTRIES, type SettingEntry, type Settings } from "../policy/settings.ts";

const DECLARED = Object.entries(SessionSettings.entries);

/** Settings that the dictionary of Update does not declare: those of 2011 only. */
const UNDECLARED = Object.entries(SETTING_ENTRIES).filter(([name]) => !Object.hasOwn(SessionSettings.entries, name));

/** Yields the settings of a decoded CreateSession dictionary. */
export function* settingEntries(settings: SessionSettings): Iterable<SettingEntry> {
  for (const [member, { key, type }] of DECLARED) {
    const value: unknown = Reflect.get(settings, member);
    if (value !== undefined) yield { name: key, signature: type, value };
  }
  for (const [name, { signature, value }] of Object.entries(settings.extra ?? {})) yield { name, signature, value };
}

/** Returns settings as the dictionary of Update. */
export function wireSettings(settings: Settings): SessionSettings {
  const extra = undeclaredEntries(settings);
  return extra === undefined ? settings : { ...settings, extra };
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
