import type { EthernetConfiguration, ServiceSettings } from "@dbus-codegen-ts/stubs/net.connman.Service";
import type { TechnologySettings } from "@dbus-codegen-ts/stubs/net.connman.Technology";
import type { Technology } from "../adapters/network/network.ts";
import { type IPv4, type IPv6, isConnected, type NetworkService } from "../policy/service.ts";

/**
 * Returns the properties of a service. A property that the network does not report gets the value for a service without
 * settings.
 */
export function serviceSettings(service: NetworkService): ServiceSettings {
  const { bearer, state, failure, strength, isFavorite = true, name, ipv4, ipv6, nameservers, domains } = service;
  const isUp = isConnected(service);
  return {
    type: bearer,
    security: service.security ?? [],
    state,
    ...(state === "failure" && failure !== undefined && { error: failure }),
    ...(strength !== undefined && strength > 0 && { strength: Math.min(100, Math.round(strength)) }),
    favorite: isFavorite,
    immutable: service.isImmutable ?? false,
    autoConnect: isFavorite && service.autoConnect,
    ...(name !== "" && { name }),
    ...(bearer === "cellular" && { roaming: service.roaming !== "home" }),
    ethernet: ethernetOf(service),
    ipv4: isUp ? ipv4 : {},
    ipv4Configuration: service.ipv4Configuration ?? requestedIPv4(ipv4),
    ipv6: isUp ? ipv6 : {},
    ipv6Configuration: service.ipv6Configuration ?? requestedIPv6(ipv6),
    nameservers: isUp ? (nameservers ?? []) : [],
    nameserversConfiguration: [],
    timeservers: [],
    timeserversConfiguration: [],
    domains: isUp ? (domains ?? []) : [],
    domainsConfiguration: [],
    proxy: {},
    proxyConfiguration: {},
    mDNS: false,
    mDNSConfiguration: false,
    provider: {},
  };
}

/** Returns the properties of a technology, given the services of all technologies. */
export function technologySettings(
  { bearer, name, isPowered }: Technology,
  services: readonly NetworkService[],
): TechnologySettings {
  const connected = services.some((service) => service.bearer === bearer && isConnected(service));
  return { name, type: bearer, powered: isPowered, connected, tethering: false, tetheringFreq: 0 };
}

function ethernetOf({ interface: name, hardwareAddress, mtuBytes }: NetworkService): EthernetConfiguration {
  return {
    method: "auto",
    interface: name,
    ...(hardwareAddress !== undefined && { address: hardwareAddress.toUpperCase() }),
    ...(mtuBytes !== undefined && { mtu: Math.min(mtuBytes, 0xffff) }),
  };
}

/**
 * Returns the IPv4 configuration that was probably requested, derived from the assigned addresses. Used if the network
 * does not report the requested one.
 */
function requestedIPv4(assigned: IPv4): IPv4 {
  const { method = "dhcp" } = assigned;
  return method === "manual" || method === "fixed" ? assigned : { method };
}

function requestedIPv6({ privacy = "disabled", ...assigned }: IPv6): IPv6 {
  const { method = "auto" } = assigned;
  if (method === "manual" || method === "fixed") return assigned;
  return method === "off" ? { method } : { method, privacy };
}
