import { access, readFile } from "node:fs/promises";
import { join } from "node:path";

const DEVICES = "/sys/class/net";

/**
 * What the kernel says an interface is: the DEVTYPE of its driver, such as `wlan`, `wwan`, `bluetooth` or `gadget`;
 * undefined for most cables.
 */
export async function deviceType(name: string): Promise<string | undefined> {
  const event = await readFile(join(DEVICES, name, "uevent"), "utf8").catch(() => "");
  const declared = /^DEVTYPE=(.+)$/m.exec(event)?.[1];
  // Old drivers of wireless cards declare nothing.
  return declared ?? ((await hasWireless(name)) ? "wlan" : undefined);
}

async function hasWireless(name: string): Promise<boolean> {
  const marks = ["wireless", "phy80211"].map((mark) => access(join(DEVICES, name, mark)));
  return (await Promise.allSettled(marks)).some(({ status }) => status === "fulfilled");
}
