import { isIPv4, isIPv6 } from "node:net";
import type { ServiceEntry, ServiceSettings } from "@dbus-codegen-ts/stubs/net.connman.Service";
import type { TechnologyEntry } from "@dbus-codegen-ts/stubs/net.connman.Technology";
import type { Bearer, IPv4, IPv6, NetworkService, ServiceState } from "../../../policy/service.ts";
import { isInterfaceName } from "../../linux/interface-name.ts";
import type { Technology } from "../network.ts";

const PREFIX = "/net/connman/service/";

/** Maximum number of services of ConnMan that are used. Further services are ignored. */
export const MAX_SERVICES = 1024;

const BEARERS: ReadonlySet<string> = new Set<Bearer>(["ethernet", "wifi", "bluetooth", "cellular", "gadget", "vpn"]);

const STATES: ReadonlySet<string> = new Set<ServiceState>([
  "idle",
  "failure",
  "association",
  "configuration",
  "ready",
  "disconnect",
  "online",
]);

/**
 * Returns the services that ConnMan reports, in its order. The id is the last part of the path. Services of unknown
 * types, services without a valid interface, and further services with the same path are ignored. Invalid addresses are
 * omitted.
 */
export function servicesOf(entries: readonly ServiceEntry[]): readonly NetworkService[] {
  const services = new Map<string, NetworkService>();
  for (const { path, properties } of entries) {
    if (!path.startsWith(PREFIX) || services.size === MAX_SERVICES) continue;
    const service = serviceOf(path.slice(PREFIX.length), properties);
    if (service !== undefined && !services.has(service.id)) services.set(service.id, service);
  }
  return [...services.values()];
}

/** Returns the path of a service. */
export function pathOf(id: string): string {
  return PREFIX + id;
}

/** Returns the technologies that ConnMan reports, one of each bearer. */
export function technologiesOf(entries: readonly TechnologyEntry[]): readonly Technology[] {
  const technologies = new Map<Bearer, Technology>();
  for (const { properties } of entries) {
    const bearer = bearerOf(properties.type);
    if (bearer === undefined || technologies.has(bearer)) continue;
    technologies.set(bearer, { bearer, name: properties.name ?? "", isPowered: properties.powered ?? false });
  }
  return [...technologies.values()];
}

function serviceOf(id: string, settings: ServiceSettings): NetworkService | undefined {
  const bearer = bearerOf(settings.type);
  const { ethernet = {}, favorite = false, state = "idle", ipv4 = {}, ipv6 = {} } = settings;
  const { interface: name = "" } = ethernet;
  if (bearer === undefined || !isInterfaceName(name)) return undefined;
  const { ipv4Configuration, ipv6Configuration, nameservers, domains, strength, security, error } = settings;
  return {
    id,
    name: settings.name ?? "",
    bearer,
    interface: name,
    state: STATES.has(state) ? state : "idle",
    ipv4: ipv4Of(ipv4),
    ipv6: ipv6Of(ipv6),
    autoConnect: favorite && settings.autoConnect === true,
    // ConnMan does not report in which country the network is.
    roaming: settings.roaming === true ? "international" : "home",
    isFavorite: favorite,
    isImmutable: settings.immutable ?? false,
    ...(ipv4Configuration && { ipv4Configuration: ipv4Of(ipv4Configuration) }),
    ...(ipv6Configuration && { ipv6Configuration: ipv6Of(ipv6Configuration) }),
    ...(nameservers && { nameservers }),
    ...(domains && { domains }),
    ...(strength !== undefined && { strength }),
    ...(security && { security }),
    ...(error !== undefined && { failure: error }),
    ...(ethernet.address !== undefined && { hardwareAddress: ethernet.address }),
    ...(ethernet.mtu !== undefined && { mtuBytes: ethernet.mtu }),
  };
}

function bearerOf(type = ""): Bearer | undefined {
  return isBearer(type) ? type : undefined;
}

function isBearer(type: string): type is Bearer {
  return BEARERS.has(type);
}

function ipv4Of({ method, address, netmask, gateway }: IPv4): IPv4 {
  return {
    ...(method !== undefined && { method }),
    ...(isAddress(address, isIPv4) && { address }),
    ...(isAddress(netmask, isIPv4) && { netmask }),
    ...(isAddress(gateway, isIPv4) && { gateway }),
  };
}

function ipv6Of({ method, address, prefixLength, gateway, privacy }: IPv6): IPv6 {
  return {
    ...(method !== undefined && { method }),
    ...(isAddress(address, isIPv6) && { address }),
    ...(prefixLength !== undefined && prefixLength <= 128 && { prefixLength }),
    ...(isAddress(gateway, isIPv6) && { gateway }),
    ...(privacy !== undefined && { privacy }),
  };
}

/**
 * Returns whether a text is a valid address without a scope. A scope as in `fe80::1%eth0` is not allowed, because
 * commands that also get the name of the interface refuse such an address.
 */
function isAddress(text: string | undefined, isValid: (text: string) => boolean): text is string {
  return text !== undefined && isValid(text) && !text.includes("%");
}
