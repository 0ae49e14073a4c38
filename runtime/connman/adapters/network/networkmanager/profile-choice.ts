import { SettingsConnectionFlags } from "@dbus-codegen-ts/networkmanager/org.freedesktop.NetworkManager.Settings.Connection";
import type { DeviceValues } from "./device-state.ts";
import { type NetworkManagerObjects, NO_OBJECT } from "./objects.ts";
import type { Profile } from "./profile.ts";
import { compareTexts } from "./service-order.ts";

/** A profile with its object path. */
export interface KnownProfile {
  readonly path: string;
  readonly profile: Profile;
}

/** The activation of a device with its profile. */
export interface ActiveProfile {
  readonly activation: string;
  /** Path of the profile; undefined if NetworkManager has not reported the path yet. */
  readonly path: string | undefined;
  /** Settings of the profile; undefined if they cannot be read, or were not read yet. */
  readonly profile: Profile | undefined;
  /** Whether the settings of the profile are being read. */
  readonly isUnread: boolean;
}

/** Returns the profile that is activated on a device; undefined without activation. */
export function activeProfile(objects: NetworkManagerObjects, device: DeviceValues): ActiveProfile | undefined {
  const activation = device.activeConnection ?? NO_OBJECT;
  const active = objects.activations.get(activation);
  if (active === undefined) return undefined;
  const path = active.connection;
  const isUnread = path !== undefined && objects.stored.has(path) && !objects.profiles.has(path);
  return { activation, path, profile: objects.profiles.get(path ?? NO_OBJECT), isUnread };
}

/** Returns the profiles that could be activated on a device, ordered by NetworkManager's preference, best first. */
export function availableProfiles(
  objects: NetworkManagerObjects,
  { availableConnections = [] }: DeviceValues,
  types: ReadonlySet<string> | undefined,
): readonly KnownProfile[] {
  const usable = availableConnections.flatMap((path): KnownProfile[] => {
    const profile = objects.profiles.get(path);
    if (profile === undefined || types?.has(profile.type) !== true) return [];
    return profile.isPort || isForeign(objects, path) ? [] : [{ path, profile }];
  });
  return usable.sort(({ profile: left }, { profile: right }) => {
    if (left.autoConnect !== right.autoConnect) return left.autoConnect ? -1 : 1;
    if (left.priority !== right.priority) return right.priority - left.priority;
    if (left.lastUsed !== right.lastUsed) return left.lastUsed > right.lastUsed ? -1 : 1;
    return compareTexts(left.uuid, right.uuid);
  });
}

/** Returns whether a profile only describes what another program has configured. */
export function isForeign({ stored }: NetworkManagerObjects, path: string): boolean {
  return ((stored.get(path)?.flags ?? 0) & SettingsConnectionFlags.External) !== 0;
}
