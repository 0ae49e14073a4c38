import type { LinkService } from "../../../../../../runtime/connman/adapters/network/linux/link-services.ts";
import type { NetworkService } from "../../../../../../runtime/connman/policy/service.ts";

/** Returns a cable with a default route. */
export function cable(change: Partial<NetworkService> = {}): LinkService {
  return {
    service: {
      id: "cable",
      name: "Wired",
      bearer: "ethernet",
      interface: "eth0",
      state: "ready",
      ipv4: { address: "192.0.2.1" },
      ipv6: {},
      autoConnect: true,
      roaming: "home",
      ...change,
    },
    isUp: true,
    isBroughtUp: false,
    hasDefaultGroup: true,
    defaultRoutes: [4],
  };
}
