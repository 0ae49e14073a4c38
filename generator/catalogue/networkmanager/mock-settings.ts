import type { DeviceMock } from "./mock-devices.ts";
import type { ProfileSettings } from "./mock-profiles.ts";

/** Returns the settings of a Wi-Fi profile with a WPA password. */
export function wifiProfile(ssid: string, psk: string): ProfileSettings {
  return {
    connection: { id: ssid, type: "802-11-wireless" },
    wireless: { ssid: Buffer.from(ssid), mode: "infrastructure", security: "802-11-wireless-security" },
    wirelessSecurity: { keyMgmt: "wpa-psk", psk },
  };
}

/**
 * Returns settings in which missing values are derived from a device and an access point: name, type, SSID and
 * security.
 */
export function completeSettings(settings: ProfileSettings, device: DeviceMock, pointPath: string): ProfileSettings {
  const point = device.accessPoints.find(({ path }) => path === pointPath);
  const ssid = settings.wireless?.ssid ?? point?.properties.ssid;
  const id = ssid === undefined ? device.name : Buffer.from(ssid).toString();
  const { wirelessSecurity: security } = settings;
  return {
    ...settings,
    connection: { id, type: device.profileType, ...settings.connection },
    ...(ssid !== undefined && { wireless: { mode: "infrastructure", ...settings.wireless, ssid } }),
    ...(security !== undefined && { wirelessSecurity: { keyMgmt: "wpa-psk", ...security } }),
  };
}
