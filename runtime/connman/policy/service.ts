import type { IPv4Configuration, IPv6Configuration } from "@dbus-codegen-ts/stubs/net.connman.Session";

/** Technology of a service, as policies name it. Dialects map it to the names that clients use. */
export type Bearer = "ethernet" | "wifi" | "bluetooth" | "cellular" | "gadget" | "vpn" | "wimax";

/** State of a service (ConnMan service API). Sessions can use a service that is `ready` or `online`. */
export type ServiceState = "idle" | "failure" | "association" | "configuration" | "ready" | "online" | "disconnect";

/** Location of the network of a service relative to the home network of its subscription. */
export type Roaming = "home" | "national" | "international";

/** IPv4 configuration of a service; unknown values are omitted. */
export type IPv4 = Omit<IPv4Configuration, "extra">;

/** IPv6 configuration of a service; unknown values are omitted. */
export type IPv6 = Omit<IPv6Configuration, "extra">;

/** A network that can carry traffic: a cable, a wireless network, a modem. Immutable: a changed service is a new object. */
export interface NetworkService {
  /** Identifier that is stable while the service exists, such as `ethernet_020000000a01_cable`. */
  readonly id: string;
  /** Display name. Several services may share it. */
  readonly name: string;
  readonly bearer: Bearer;
  /** Name of the network interface, such as `eth0`. */
  readonly interface: string;
  readonly state: ServiceState;
  readonly ipv4: IPv4;
  readonly ipv6: IPv6;
  /**
   * Whether the service may be brought up when a session calls Connect. Has no effect while `isDisconnectedByUser` is
   * true.
   */
  readonly autoConnect: boolean;
  readonly roaming: Roaming;
  /** Requested IPv4 configuration, which may differ from the present one. Default: unknown. */
  readonly ipv4Configuration?: IPv4;
  /** Requested IPv6 configuration. Default: unknown. */
  readonly ipv6Configuration?: IPv6;
  /** Addresses of the name servers in use. Default: unknown. */
  readonly nameservers?: readonly string[];
  /** Domains in which names without a dot are searched. Default: unknown. */
  readonly domains?: readonly string[];
  /** Signal strength from 0 to 100. Default: the service has no signal strength, such as a cable. */
  readonly strength?: number;
  /** Kinds of access control of a wireless network, such as `psk`; `none` for an open one. Default: not a wireless network. */
  readonly security?: readonly string[];
  /** Whether a user connected to the service before, or its settings are stored. Default: true. */
  readonly isFavorite?: boolean;
  /** Whether a user took the service down and has not connected it since. Sessions do not bring it up. Default: false. */
  readonly isDisconnectedByUser?: boolean;
  /** Whether the settings come from a file of the administrator and cannot be changed. Default: false. */
  readonly isImmutable?: boolean;
  /** Reason of the state `failure`, such as `dhcp-failed` or `invalid-key`. Default: unknown. */
  readonly failure?: string;
  /** Hardware address of the interface, such as `02:00:00:00:0A:01`. Default: unknown. */
  readonly hardwareAddress?: string;
  /** Largest size of a packet on the interface in bytes. Default: unknown. */
  readonly mtuBytes?: number;
}

/** Returns whether sessions can use a service now. */
export function isConnected({ state }: NetworkService): boolean {
  return state === "ready" || state === "online";
}
