import {
  AccessPointFlags,
  type AccessPointProperties,
  AccessPointSecurityFlags,
} from "@dbus-codegen-ts/networkmanager/org.freedesktop.NetworkManager.AccessPoint";
import { MAX_ACCESS_POINTS } from "../../../quotas.ts";
import type { ObjectsOf } from "./objects.ts";
import type { WifiSecurity } from "./profile.ts";

/** The access points with one SSID and kind of security: they are one network. */
export interface WifiNetwork {
  /** Key of the network, which is unique among the networks of a radio. */
  readonly key: string;
  readonly ssid: Uint8Array;
  readonly security: WifiSecurity;
  /** Whether an access point of the network supports WPS: devices can join without typing a password. */
  readonly hasWps: boolean;
  /** Strength of the strongest access point in percent. */
  readonly strength: number;
  /** Path of the strongest access point. */
  readonly accessPoint: string;
}

/** Maximum length of an SSID (IEEE 802.11). */
const MAX_SSID_BYTES = 32;

/** Returns the networks of a radio. Access points with a hidden or invalid name are left out. */
export function wifiNetworks(
  paths: readonly string[],
  accessPoints: ObjectsOf<AccessPointProperties>,
): ReadonlyMap<string, WifiNetwork> {
  const networks = new Map<string, WifiNetwork>();
  for (const path of paths.slice(0, MAX_ACCESS_POINTS)) {
    const values = accessPoints.get(path);
    const ssid = values?.ssid;
    if (values === undefined || ssid === undefined || ssid.length === 0 || ssid.length > MAX_SSID_BYTES) continue;
    const security = securityOf(values);
    const key = networkKey(ssid, security);
    const before = networks.get(key);
    const strength = Math.min(100, values.strength ?? 0);
    const hasWps = ((values.flags ?? 0) & AccessPointFlags.Wps) !== 0 || before?.hasWps === true;
    if (before !== undefined && before.strength >= strength) networks.set(key, { ...before, hasWps });
    else networks.set(key, { key, ssid, security, hasWps, strength, accessPoint: path });
  }
  return networks;
}

/** Returns the key of a network, which is unique among the networks of a radio. */
export function networkKey(ssid: Uint8Array, security: WifiSecurity): string {
  return `${Buffer.from(ssid).toString("hex")}_managed_${security}`;
}

/** Returns an SSID as text. Bytes that are not UTF-8, and control characters, become replacement characters. */
export function ssidText(ssid: Uint8Array): string {
  return new TextDecoder().decode(ssid).replace(/[\u0000-\u001f\u007f-\u009f]/g, "\ufffd");
}

function securityOf({ flags = 0, wpaFlags = 0, rsnFlags = 0 }: Partial<AccessPointProperties>): WifiSecurity {
  const { KeyManagementPSK, KeyManagementSAE, KeyManagement8021X, KeyManagementEAPSuiteB192 } =
    AccessPointSecurityFlags;
  const both = wpaFlags | rsnFlags;
  if ((both & (KeyManagementPSK | KeyManagementSAE)) !== 0) return "psk";
  if ((both & (KeyManagement8021X | KeyManagementEAPSuiteB192)) !== 0) return "ieee8021x";
  return both === 0 && (flags & AccessPointFlags.Privacy) !== 0 ? "wep" : "none";
}
