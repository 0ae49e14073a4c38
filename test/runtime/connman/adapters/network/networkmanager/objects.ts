import { DeviceState, DeviceType } from "@dbus-codegen-ts/networkmanager/org.freedesktop.NetworkManager.Device";
import type { ConnectionProfile } from "@dbus-codegen-ts/networkmanager/org.freedesktop.NetworkManager.Settings.Connection";
import type { NetworkManagerObjects } from "../../../../../../runtime/connman/adapters/network/networkmanager/objects.ts";
import { profileOf } from "../../../../../../runtime/connman/adapters/network/networkmanager/profile.ts";

type ValuesOf<M> = M extends ReadonlyMap<string, infer Values> ? Values : never;
type Table<K extends keyof NetworkManagerObjects> = Readonly<Record<string, ValuesOf<NetworkManagerObjects[K]>>>;

/** Objects of NetworkManager by kind, and then by path. */
export interface ObjectDescription {
  readonly manager?: ValuesOf<NetworkManagerObjects["manager"]>;
  readonly devices?: Table<"devices">;
  readonly wired?: Table<"wired">;
  readonly radios?: Table<"radios">;
  readonly accessPoints?: Table<"accessPoints">;
  readonly activations?: Table<"activations">;
  readonly ipv4?: Table<"ipv4">;
  readonly ipv6?: Table<"ipv6">;
  readonly stored?: Table<"stored">;
  /** Settings of the profiles; undefined for a profile that cannot be read. */
  readonly profiles?: Readonly<Record<string, ConnectionProfile | undefined>>;
  readonly roaming?: readonly string[];
}

export function objectsOf(description: ObjectDescription): NetworkManagerObjects {
  const { manager, profiles = {} } = description;
  return {
    manager: new Map(manager ? [["/manager", manager]] : []),
    devices: mapOf(description.devices),
    wired: mapOf(description.wired),
    radios: mapOf(description.radios),
    accessPoints: mapOf(description.accessPoints),
    activations: mapOf(description.activations),
    ipv4: mapOf(description.ipv4),
    ipv6: mapOf(description.ipv6),
    stored: mapOf(description.stored),
    profiles: new Map(Object.entries(profiles).map(([path, settings]) => [path, settings && profileOf(settings)])),
    roaming: new Set(description.roaming),
  };
}

function mapOf<Values>(table: Readonly<Record<string, Values>> = {}): ReadonlyMap<string, Values> {
  return new Map(Object.entries(table));
}

/** A device for a cable that is plugged in. It has no activation, and the profile `/p` is available. */
export const CABLE = {
  deviceType: DeviceType.Ethernet,
  state: DeviceState.Disconnected,
  interface: "eth0",
  ipInterface: "",
  interfaceFlags: 0x10003,
  hwAddress: "02:00:00:00:0A:01",
  availableConnections: ["/p"],
} as const;

/** A Wi-Fi device without activation. */
export const RADIO = { ...CABLE, deviceType: DeviceType.Wifi, interface: "wlan0", availableConnections: [] } as const;

/** Returns the settings of a profile for cables. */
export function wired(id: string, connection: Record<string, unknown> = {}): ConnectionProfile {
  return { connection: { id, uuid: `uuid-${id}`, type: "802-3-ethernet", ...connection } };
}

/** Returns the settings of a profile for a Wi-Fi network. */
export function wireless(ssid: string, keyMgmt?: string, wifi: Record<string, unknown> = {}): ConnectionProfile {
  return {
    connection: { id: `profile of ${ssid}`, uuid: `uuid-${ssid}`, type: "802-11-wireless" },
    wireless: { ssid: Buffer.from(ssid), ...wifi },
    ...(keyMgmt !== undefined && { wirelessSecurity: { keyMgmt } }),
  };
}
