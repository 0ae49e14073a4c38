import { isIPv4, isIPv6 } from "node:net";
import type { IP4ConfigProperties } from "@dbus-codegen-ts/networkmanager/org.freedesktop.NetworkManager.IP4Config";
import type { IP6ConfigProperties } from "@dbus-codegen-ts/networkmanager/org.freedesktop.NetworkManager.IP6Config";
import type { IPv4, IPv6 } from "../../../policy/service.ts";
import { netmaskOf } from "../netmask.ts";
import type { Profile } from "./profile.ts";

/** Properties of an IPv4 configuration. A property with an unknown value is absent. */
export type Ip4Values = Partial<IP4ConfigProperties>;
type Ip6Values = Partial<IP6ConfigProperties>;

// NetworkManager reports these for default routes without gateway.
const NO_IPV4_GATEWAY = "0.0.0.0";
const NO_IPV6_GATEWAY = "::";

/** Maximum number of name servers, and of domains, that are reported for one service. */
const MAX_NAMES = 16;

/** Returns the IPv4 configuration in use. Values that are not addresses are omitted. */
export function ipv4Of(config: Ip4Values | undefined, profile: Profile | undefined): IPv4 {
  const [first] = (config?.addressData ?? []).filter(({ address }) => address !== undefined && isIPv4(address));
  if (first?.address === undefined) return {};
  const { prefix } = first;
  const gateway = config?.gateway;
  return {
    method: profile?.ipv4Method === "manual" ? "manual" : "dhcp",
    address: first.address,
    ...(prefix !== undefined && prefix <= 32 && { netmask: netmaskOf(prefix) }),
    ...(gateway !== undefined && isIPv4(gateway) && gateway !== NO_IPV4_GATEWAY && { gateway }),
  };
}

/** Returns the IPv6 configuration in use, with the first address that is not link-local. */
export function ipv6Of(config: Ip6Values | undefined, profile: Profile | undefined): IPv6 {
  const [first] = (config?.addressData ?? []).filter(({ address }) => address !== undefined && isGlobal(address));
  if (first?.address === undefined) return {};
  const { prefix } = first;
  const gateway = config?.gateway;
  return {
    method: profile?.ipv6Method === "manual" ? "manual" : "auto",
    address: first.address,
    ...(prefix !== undefined && prefix <= 128 && { prefixLength: prefix }),
    ...(gateway !== undefined && isIPv6(gateway) && gateway !== NO_IPV6_GATEWAY && { gateway }),
  };
}

/** Returns the addresses of the name servers, IPv4 first. */
export function nameserversOf(ipv4: Ip4Values | undefined, ipv6: Ip6Values | undefined): readonly string[] {
  const first = (ipv4?.nameserverData ?? []).flatMap(({ address }) =>
    address !== undefined && isIPv4(address) ? [address] : [],
  );
  const second = (ipv6?.nameservers ?? []).flatMap((bytes) => (bytes.length === 16 ? [ipv6Text(bytes)] : []));
  return [...first, ...second].slice(0, MAX_NAMES);
}

/** Returns the DNS domains that the network reports and those that are configured, without duplicates. */
export function domainsOf(ipv4: Ip4Values | undefined, ipv6: Ip6Values | undefined): readonly string[] {
  const all = [ipv4, ipv6].flatMap((config) => [...(config?.searches ?? []), ...(config?.domains ?? [])]);
  return [...new Set(all.filter((domain) => /^[A-Za-z0-9._-]{1,253}$/.test(domain)))].slice(0, MAX_NAMES);
}

/** Returns the metric of the default route, preferably that of IPv4; undefined if there is no default route. */
export function metricOf(ipv4: Ip4Values | undefined, ipv6: Ip6Values | undefined): number | undefined {
  return defaultMetric(ipv4) ?? defaultMetric(ipv6);
}

/** Returns whether a configuration has a default route, with or without gateway. */
export function hasDefaultRoute(config: Ip4Values | undefined): boolean {
  return defaultMetric(config) !== undefined;
}

/** Returns whether any route of a configuration has a gateway. */
export function hasGateway(config: Ip4Values | undefined): boolean {
  return config?.routeData?.some(({ nextHop = NO_IPV4_GATEWAY }) => nextHop !== NO_IPV4_GATEWAY) === true;
}

function defaultMetric(config: Ip4Values | Ip6Values | undefined): number | undefined {
  const metrics = (config?.routeData ?? []).flatMap(({ dest, prefix, metric }) =>
    prefix === 0 && (dest === "0.0.0.0" || dest === "::") ? [metric ?? 0] : [],
  );
  return metrics.length === 0 ? undefined : metrics.reduce((left, right) => Math.min(left, right));
}

function isGlobal(address: string): boolean {
  return isIPv6(address) && !/^(fe[89ab]|ff|::1$)/i.test(address);
}

function ipv6Text(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, index) => ((bytes[2 * index] ?? 0) << 8) | (bytes[2 * index + 1] ?? 0));
  // A URL contains the shortest form of an address.
  return new URL(`http://[${groups.map((group) => group.toString(16)).join(":")}]`).hostname.slice(1, -1);
}
