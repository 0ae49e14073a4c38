import { access, readFile } from "node:fs/promises";
import { join } from "node:path";

const DEVICES = "/sys/class/net";

/**
 * Returns the DEVTYPE that the driver of an interface declares, such as `wlan`, `wwan`, `bluetooth` or `gadget`.
 *
 * @returns undefined if the driver declares none, as most drivers for cables do.
 */
export async function deviceType(name: string): Promise<string | undefined> {
  const uevent = await readFile(join(DEVICES, name, "uevent"), "utf8").catch(() => "");
  const declared = /^DEVTYPE=(.+)$/m.exec(uevent)?.[1];
  // Old drivers of wireless devices declare no DEVTYPE.
  return declared ?? ((await isWireless(name)) ? "wlan" : undefined);
}

async function isWireless(name: string): Promise<boolean> {
  const entries = ["wireless", "phy80211"].map((entry) => access(join(DEVICES, name, entry)));
  return (await Promise.allSettled(entries)).some(({ status }) => status === "fulfilled");
}
