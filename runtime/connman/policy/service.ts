/** Kind of link of a service, as sessions name it in AllowedBearers. */
export type Bearer = "ethernet" | "wifi" | "bluetooth" | "cellular" | "gadget" | "vpn" | "wimax";

/** How far a service has come. Sessions can use it when it is ready, which is an address and a route, or online. */
export type ServiceState = "idle" | "failure" | "association" | "configuration" | "ready" | "online" | "disconnect";

/** Where the network of a service is, seen from the home of its subscription. */
export type Roaming = "home" | "national" | "international";

/** IPv4 details of a service; what is not known is left out. */
export interface IPv4 {
  /** How the address is obtained: `dhcp`, `manual`, `auto`. */
  readonly method?: string;
  readonly address?: string;
  readonly netmask?: string;
  readonly gateway?: string;
}

/** IPv6 details of a service; what is not known is left out. */
export interface IPv6 {
  readonly method?: string;
  readonly address?: string;
  readonly prefixLength?: number;
  readonly gateway?: string;
  readonly privacy?: string;
}

/** Something that connects the machine to a network: a cable, a wireless network, a modem. Never changed, but replaced. */
export interface NetworkService {
  /** Names the service for as long as it exists, such as `ethernet_020000000a01_cable`. */
  readonly id: string;
  /** For people; several services may share it. */
  readonly name: string;
  readonly bearer: Bearer;
  /** Name of the network interface, such as `eth0`. */
  readonly interface: string;
  readonly state: ServiceState;
  readonly ipv4: IPv4;
  readonly ipv6: IPv6;
  /** Whether it may be brought up because a session asks for a connection. */
  readonly autoConnect: boolean;
  readonly roaming: Roaming;
}

/** Whether sessions can be served by a service. */
export function isConnected({ state }: NetworkService): boolean {
  return state === "ready" || state === "online";
}
