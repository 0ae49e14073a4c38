import { isIPv4 } from "node:net";
import {
  type ConnectionProfile,
  type IP4Setting,
  SettingMetered,
} from "@dbus-codegen-ts/networkmanager/org.freedesktop.NetworkManager.Settings.Connection";
import type { IPv4 } from "../../../policy/service.ts";
import { netmaskOf, prefixLengthOf } from "../netmask.ts";
import { NetworkError } from "../network.ts";

/** Kind of access control of a Wi-Fi network, as ConnMan names it. */
export type WifiSecurity = "none" | "wep" | "psk" | "ieee8021x";

/** The settings of a profile that describe a network service. */
export interface Profile {
  /** Human-readable name. */
  readonly name: string;
  readonly uuid: string;
  /** Name of the main group of settings, such as `802-3-ethernet`. */
  readonly type: string;
  readonly autoConnect: boolean;
  /** Priority of the profile. NetworkManager prefers the highest, and among equal ones the profile that was used last. */
  readonly priority: number;
  /** Seconds since 1970 at the last activation; 0 if never. */
  readonly lastUsed: bigint;
  /** Interface that the profile is limited to; undefined for any. */
  readonly interface: string | undefined;
  /** Whether the device belongs to a bridge, bond or team, and so is no separate network. */
  readonly isPort: boolean;
  /** Whether the administrator has marked the network as expensive or limited. */
  readonly isMetered: boolean;
  /** Settings of a Wi-Fi profile; undefined for other profiles. */
  readonly wifi: WifiProfile | undefined;
  /** Value `method` of the groups `ipv4` and `ipv6`, such as `auto`. */
  readonly ipv4Method: string | undefined;
  readonly ipv6Method: string | undefined;
  /** Requested IPv4 configuration in ConnMan's terms; undefined if ConnMan has no term for it. */
  readonly ipv4Configuration: IPv4 | undefined;
}

export interface WifiProfile {
  readonly ssid: Uint8Array;
  readonly security: WifiSecurity;
  /** Whether the device joins an access point, and is not an access point itself. */
  readonly joins: boolean;
}

const WIFI = "802-11-wireless";

const KEY_MANAGEMENT: ReadonlyMap<string, WifiSecurity> = new Map([
  ["none", "wep"],
  ["ieee8021x", "ieee8021x"],
  ["owe", "none"],
  ["wpa-psk", "psk"],
  ["sae", "psk"],
  ["wpa-eap", "ieee8021x"],
  ["wpa-eap-suite-b-192", "ieee8021x"],
]);

/** Reads a profile. Returns undefined if the settings have no uuid or type. */
export function profileOf(settings: ConnectionProfile): Profile | undefined {
  const { connection, ipv4, ipv6 } = settings;
  if (connection?.uuid === undefined || connection.type === undefined) return undefined;
  return {
    name: connection.id ?? "",
    uuid: connection.uuid,
    type: connection.type,
    autoConnect: connection.autoconnect ?? true,
    priority: connection.autoconnectPriority ?? 0,
    lastUsed: connection.timestamp ?? 0n,
    interface: connection.interfaceName,
    isPort: (connection.master ?? "") !== "",
    isMetered: connection.metered === SettingMetered.Yes,
    wifi: connection.type === WIFI ? wifiOf(settings) : undefined,
    ipv4Method: ipv4?.method,
    ipv6Method: ipv6?.method,
    ipv4Configuration: ipv4 && configurationOf(ipv4),
  };
}

/** Returns a copy of the settings that differs only in whether NetworkManager may activate the profile by itself. */
export function withAutoConnect(settings: ConnectionProfile, autoConnect: boolean): ConnectionProfile {
  return { ...settings, connection: { ...settings.connection, autoconnect: autoConnect } };
}

/**
 * Returns a copy of the settings that differs only in how the device gets its IPv4 address.
 *
 * @throws NetworkError if NetworkManager has no such configuration, or an address is not valid.
 */
export function withIPv4(settings: ConnectionProfile, configuration: IPv4): ConnectionProfile {
  // `addresses` is the older form of address and gateway. NetworkManager would read both forms.
  const { addresses: _, addressData: __, gateway: ___, method: ____, ...kept } = settings.ipv4 ?? {};
  return { ...settings, ipv4: { ...kept, ...requestedGroup(configuration) } };
}

function requestedGroup({ method, address, netmask, gateway }: IPv4): IP4Setting {
  if (method === "dhcp") return { method: "auto" };
  if (method === "off") return { method: "disabled" };
  if (method !== "manual") throw new NetworkError(`NetworkManager has no IPv4 method "${method ?? ""}"`);
  const prefix = netmask === undefined ? 24 : prefixLengthOf(netmask);
  if (address === undefined || !isIPv4(address)) throw new NetworkError("the method manual needs an IPv4 address");
  if (prefix === undefined) throw new NetworkError("the netmask is not valid");
  if (gateway === undefined || gateway === "") return { method, addressData: [{ address, prefix }] };
  if (!isIPv4(gateway)) throw new NetworkError("the gateway is not an IPv4 address");
  return { method, addressData: [{ address, prefix }], gateway };
}

function wifiOf(settings: ConnectionProfile): WifiProfile | undefined {
  const wifi = settings.wireless;
  if (wifi?.ssid === undefined) return undefined;
  const keyManagement = settings.wirelessSecurity?.keyMgmt;
  const security = keyManagement === undefined ? "none" : KEY_MANAGEMENT.get(keyManagement);
  return { ssid: wifi.ssid, security: security ?? "psk", joins: (wifi.mode ?? "infrastructure") === "infrastructure" };
}

function configurationOf({ method, addressData = [], gateway }: IP4Setting): IPv4 | undefined {
  if (method === "auto") return { method: "dhcp" };
  if (method === "disabled") return { method: "off" };
  const [first] = addressData;
  if (method !== "manual" || first?.address === undefined || !isIPv4(first.address)) return undefined;
  return {
    method: "manual",
    address: first.address,
    ...(first.prefix !== undefined && { netmask: netmaskOf(first.prefix) }),
    ...(gateway !== undefined && isIPv4(gateway) && { gateway }),
  };
}
