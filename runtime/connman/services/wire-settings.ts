import { type ExtraEntries, Variant } from "@dbus-codegen-ts/runtime";
import { SessionSettings } from "@dbus-codegen-ts/stubs/net.connman.Session";
import type { SettingEntry } from "../policy/requested-settings.ts";
import { type SettingName, type Settings, WIRE_NAMES } from "../policy/settings.ts";

/** Settings that the typed dictionary of the spec does not name: those of 2011, with their D-Bus types. */
const EXTRA_TYPES = {
  online: "b",
  priority: "b",
  avoidHandover: "b",
  stayConnected: "b",
  periodicConnect: "u",
  idleTimeout: "u",
  emergencyCall: "b",
  roamingPolicy: "s",
  sessionMarker: "u",
} as const satisfies Partial<Record<SettingName, string>>;

/** The settings that came with a call, one by one. */
export function* settingEntries(settings: SessionSettings): Iterable<SettingEntry> {
  for (const [member, { key, type }] of Object.entries(SessionSettings.entries)) {
    const value: unknown = Reflect.get(settings, member);
    if (value !== undefined) yield { name: key, signature: type, value };
  }
  for (const [name, { signature, value }] of Object.entries(settings.extra ?? {})) yield { name, signature, value };
}

/** Settings as Update takes them. */
export function wireSettings(settings: Settings): SessionSettings {
  const extra = extraEntries(settings);
  return extra === undefined ? settings : { ...settings, extra };
}

function extraEntries(settings: Settings): ExtraEntries | undefined {
  let extra: Record<string, Variant> | undefined;
  for (const [member, signature] of Object.entries(EXTRA_TYPES)) {
    const value: unknown = Reflect.get(settings, member);
    if (value === undefined) continue;
    extra ??= {};
    extra[Reflect.get(WIRE_NAMES, member)] = new Variant(signature, value);
  }
  return extra;
}
