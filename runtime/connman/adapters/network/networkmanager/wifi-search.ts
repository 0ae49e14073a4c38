import { WirelessClient } from "@dbus-codegen-ts/networkmanager/org.freedesktop.NetworkManager.Device.Wireless";
import type { Bus } from "@dbus-codegen-ts/runtime";
import { deferred, withTimeout } from "@dbus-codegen-ts/runtime/async";
import { NETWORK_MANAGER_NAME } from "./object-follower.ts";

/**
 * Searches for Wi-Fi networks with one radio. Resolves when the search has ended. NetworkManager before 1.12 does not
 * report the end; the promise then resolves when the search has begun.
 *
 * @param path - Object path of the radio.
 * @throws Error if the search does not end in time, or NetworkManager leaves the bus; DBusError if NetworkManager
 * refuses.
 */
export async function searchWifi(bus: Bus, path: string, timeoutMs: number): Promise<void> {
  const radio = new WirelessClient(bus, { destination: NETWORK_MANAGER_NAME, path });
  const { lastScan } = radio.properties;
  const ended = deferred<void>();
  let before: bigint | undefined;
  const subscription = await lastScan.subscribe((time) => {
    if (before === undefined || time === before) return;
    if (time === undefined) ended.reject(new Error("the Wi-Fi device is no longer available"));
    else ended.resolve();
  });
  try {
    before = lastScan.value;
    await radio.requestScan({});
    if (before === undefined) return;
    await withTimeout(ended.promise, timeoutMs);
  } finally {
    await subscription.close();
  }
}
