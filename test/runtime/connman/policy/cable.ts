import type { NetworkService } from "@dbus-codegen-ts/connman";

/** An online service of a cable. */
export const CABLE: NetworkService = {
  id: "cable",
  name: "Wired",
  bearer: "ethernet",
  interface: "eth0",
  state: "online",
  ipv4: { method: "dhcp" },
  ipv6: { method: "auto" },
  autoConnect: true,
  roaming: "home",
};
