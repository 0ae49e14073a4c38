import type { Bearer } from "../../policy/service.ts";

const NAMES: Readonly<Record<Bearer, string>> = {
  ethernet: "Wired",
  wifi: "WiFi",
  bluetooth: "Bluetooth",
  cellular: "Cellular",
  gadget: "Gadget",
  vpn: "VPN",
  wimax: "WiMAX",
};

/** Returns the display name of the technology of a bearer, as in ConnMan. */
export function technologyName(bearer: Bearer): string {
  return NAMES[bearer];
}
