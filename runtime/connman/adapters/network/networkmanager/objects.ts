import type { NetworkManagerProperties } from "@dbus-codegen-ts/networkmanager/org.freedesktop.NetworkManager";
import type { AccessPointProperties } from "@dbus-codegen-ts/networkmanager/org.freedesktop.NetworkManager.AccessPoint";
import type { ActiveProperties } from "@dbus-codegen-ts/networkmanager/org.freedesktop.NetworkManager.Connection.Active";
import type { DeviceProperties } from "@dbus-codegen-ts/networkmanager/org.freedesktop.NetworkManager.Device";
import type { WiredProperties } from "@dbus-codegen-ts/networkmanager/org.freedesktop.NetworkManager.Device.Wired";
import type { WirelessProperties } from "@dbus-codegen-ts/networkmanager/org.freedesktop.NetworkManager.Device.Wireless";
import type { IP4ConfigProperties } from "@dbus-codegen-ts/networkmanager/org.freedesktop.NetworkManager.IP4Config";
import type { IP6ConfigProperties } from "@dbus-codegen-ts/networkmanager/org.freedesktop.NetworkManager.IP6Config";
import type { ConnectionProperties } from "@dbus-codegen-ts/networkmanager/org.freedesktop.NetworkManager.Settings.Connection";
import type { NetworkService } from "../../../policy/service.ts";
import type { Profile } from "./profile.ts";

/**
 * Property values of objects, by object path. A property is absent if its value is unknown, or if its type is not the
 * documented type.
 */
export type ObjectsOf<Properties> = ReadonlyMap<string, Partial<Properties>>;

/** The objects of NetworkManager at one time. */
export interface NetworkManagerObjects {
  /** The object with the properties of NetworkManager itself; at most one entry. */
  readonly manager: ObjectsOf<NetworkManagerProperties>;
  readonly devices: ObjectsOf<DeviceProperties>;
  /** Devices for cables, by the object path of the device. */
  readonly wired: ObjectsOf<WiredProperties>;
  /** Wi-Fi radios, by the object path of the device. */
  readonly radios: ObjectsOf<WirelessProperties>;
  readonly accessPoints: ObjectsOf<AccessPointProperties>;
  readonly activations: ObjectsOf<ActiveProperties>;
  readonly ipv4: ObjectsOf<IP4ConfigProperties>;
  readonly ipv6: ObjectsOf<IP6ConfigProperties>;
  /** Stored profiles, with flags that show by which program a profile was created. */
  readonly stored: ObjectsOf<ConnectionProperties>;
  /** Settings of the profiles. A profile is absent until its settings are read; undefined if they cannot be read. */
  readonly profiles: ReadonlyMap<string, Profile | undefined>;
  /** Modems outside their home network, by the property Udi of their device. */
  readonly roaming: ReadonlySet<string>;
}

/** The object path by which NetworkManager represents the absence of an object. */
export const NO_OBJECT = "/";

/** A service with the objects of NetworkManager that bring it up. */
export interface ManagedService {
  readonly service: NetworkService;
  /** Path of its profile; undefined for a Wi-Fi network that was never joined. */
  readonly profile: string | undefined;
  /** Path of its device; `/` if activating the profile creates the device. */
  readonly device: string;
  /** Path of the access point to join; `/` if the service is not a Wi-Fi network. */
  readonly accessPoint: string;
  /** Path of the activation of the service; undefined if it was not activated. */
  readonly activation: string | undefined;
}
