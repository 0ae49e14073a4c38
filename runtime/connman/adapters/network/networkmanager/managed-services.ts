import { ActiveConnectionState } from "@dbus-codegen-ts/networkmanager/org.freedesktop.NetworkManager.Connection.Active";
import { DeviceState, DeviceType } from "@dbus-codegen-ts/networkmanager/org.freedesktop.NetworkManager.Device";
import type { Bearer, NetworkService, ServiceState } from "../../../policy/service.ts";
import { isConnected } from "../../../policy/service.ts";
import { MAX_SERVICES } from "../../../quotas.ts";
import { isInterfaceName } from "../../linux/interface-name.ts";
import type { Technology } from "../network.ts";
import { technologyName } from "../technology-names.ts";
import { type DeviceValues, failureOf, hasCarrier, interfaceOf, isMetered, isOnline, stateOf } from "./device-state.ts";
import { domainsOf, ipv4Of, ipv6Of, metricOf, nameserversOf } from "./ip-configuration.ts";
import { type ManagedService, type NetworkManagerObjects, NO_OBJECT } from "./objects.ts";
import type { Profile } from "./profile.ts";
import { activeProfile, availableProfiles, isForeign } from "./profile-choice.ts";
import { byPreference, byRank, type RankedService } from "./service-order.ts";
import { networkKey, ssidText, type WifiNetwork, wifiNetworks } from "./wifi-networks.ts";

const DEVICE_BEARERS: ReadonlyMap<DeviceType, Bearer> = new Map([
  [DeviceType.Ethernet, "ethernet"],
  [DeviceType.Veth, "ethernet"],
  [DeviceType.Infiniband, "ethernet"],
  [DeviceType.Wifi, "wifi"],
  [DeviceType.Modem, "cellular"],
  [DeviceType.Bluetooth, "bluetooth"],
]);

/** Types of profiles that can be activated on a device, by the bearer of the device. */
const DEVICE_PROFILES: Readonly<Partial<Record<Bearer, ReadonlySet<string>>>> = {
  ethernet: new Set(["802-3-ethernet", "pppoe", "veth", "infiniband"]),
  wifi: new Set(["802-11-wireless"]),
  cellular: new Set(["gsm", "cdma"]),
  bluetooth: new Set(["bluetooth"]),
};

/**
 * Types of profiles for which NetworkManager creates the device, or which a VPN plugin activates, with their bearers.
 */
const SOFTWARE_PROFILES: ReadonlyMap<string, Bearer> = new Map([
  ["vpn", "vpn"],
  ["wireguard", "vpn"],
  ["ip-tunnel", "vpn"],
  ["bond", "ethernet"],
  ["bridge", "ethernet"],
  ["team", "ethernet"],
  ["vlan", "ethernet"],
  ["macvlan", "ethernet"],
]);

/** Last part of a service id by bearer, as in ConnMan. */
const SUFFIXES: Readonly<Partial<Record<Bearer, string>>> = {
  ethernet: "cable",
  cellular: "context",
  bluetooth: "pan",
};

const MAX_NAME_LENGTH = 256;

/**
 * Returns the services of NetworkManager in order of preference: first services with a default route, by its metric;
 * then other services that are up; then services that may be activated automatically; then services that are not
 * metered. Otherwise equal services are ordered by bearer, priority of the profile and strength.
 *
 * Each device for a cable, modem or Bluetooth has the service of its active profile, or else of the one that
 * NetworkManager would activate. Each Wi-Fi device has one service per SSID and security. Profiles of VPNs and of other
 * devices that NetworkManager creates have a service each. Devices without carrier, members of bridges and bonds,
 * devices that NetworkManager does not manage, and software devices that other programs configure have no service.
 */
export function managedServices(objects: NetworkManagerObjects): readonly ManagedService[] {
  const ranked = [...devices(objects), ...softwareProfiles(objects)];
  const byId = new Map<string, RankedService>();
  for (const entry of ranked) {
    if (byId.size >= MAX_SERVICES) break;
    const { id, interface: name } = entry.service;
    // Two devices may have the same hardware address.
    const unique = byId.has(id) ? `${id}_${Buffer.from(name).toString("hex")}` : id;
    if (!byId.has(unique)) byId.set(unique, { ...entry, service: { ...entry.service, id: unique } });
  }
  return [...byId.values()].sort(byPreference);
}

/** Returns the technologies of the devices that NetworkManager manages. Cables and Bluetooth are always powered. */
export function managedTechnologies(objects: NetworkManagerObjects): readonly Technology[] {
  const [manager] = objects.manager.values();
  const powered: Partial<Record<Bearer, boolean>> = {
    wifi: (manager?.wirelessEnabled ?? true) && (manager?.wirelessHardwareEnabled ?? true),
    cellular: (manager?.wwanEnabled ?? true) && (manager?.wwanHardwareEnabled ?? true),
  };
  const bearers = [...objects.devices.values()].flatMap(({ deviceType, state = 0, real }) => {
    const bearer = deviceType === undefined ? undefined : DEVICE_BEARERS.get(deviceType);
    return bearer === undefined || state <= DeviceState.Unmanaged || real === false ? [] : [bearer];
  });
  return [...new Set(bearers)]
    .sort(byRank)
    .map((bearer) => ({ bearer, name: technologyName(bearer), isPowered: powered[bearer] ?? true }));
}

/** Returns the property Udi of the devices that are modems. */
export function modemsOf({ devices: all }: Pick<NetworkManagerObjects, "devices">): readonly string[] {
  return [...all.values()].flatMap(({ deviceType, udi }) =>
    deviceType === DeviceType.Modem && udi !== undefined ? [udi] : [],
  );
}

function* devices(objects: NetworkManagerObjects): Iterable<RankedService> {
  for (const [path, device] of objects.devices) {
    const bearer = device.deviceType === undefined ? undefined : DEVICE_BEARERS.get(device.deviceType);
    if (bearer === undefined || device.real === false || (device.state ?? 0) < DeviceState.Disconnected) continue;
    if (!isInterfaceName(interfaceOf(device))) continue;
    if (bearer === "wifi") yield* wifiServices(objects, path, device);
    else if (bearer !== "ethernet" || hasCarrier(device)) yield* deviceService(objects, path, device, bearer);
  }
}

/**
 * Yields the service of a device for a cable, modem or Bluetooth; nothing if the device has no profile that can be
 * used.
 */
function* deviceService(
  objects: NetworkManagerObjects,
  path: string,
  device: DeviceValues,
  bearer: Bearer,
): Iterable<RankedService> {
  const active = activeProfile(objects, device);
  if (active?.isUnread || active?.profile?.isPort) return;
  const best = active ? undefined : availableProfiles(objects, device, DEVICE_PROFILES[bearer])[0];
  const profile = active ? active.profile : best?.profile;
  if (active === undefined && best === undefined) return;
  const hardware = objects.wired.get(path)?.permHwAddress;
  const address = hexDigits(hardware === undefined || hardware === "" ? device.hwAddress : hardware);
  const name = interfaceOf(device);
  // Without hardware address, such as of a modem, the interface identifies the service.
  const id = `${bearer}_${address || Buffer.from(name).toString("hex")}_${SUFFIXES[bearer] ?? "device"}`;
  yield serviceOf({ objects, bearer, id, name: profile?.name || name, device, profile }, active !== undefined, {
    profile: active?.path ?? best?.path,
    device: path,
    accessPoint: NO_OBJECT,
    activation: active?.activation,
  });
}

/** Yields the services of a Wi-Fi device. */
function* wifiServices(objects: NetworkManagerObjects, path: string, device: DeviceValues): Iterable<RankedService> {
  const active = activeProfile(objects, device);
  if (active?.isUnread || active?.profile?.isPort) return;
  const radio = objects.radios.get(path);
  const networks = new Map(wifiNetworks(radio?.accessPoints ?? [], objects.accessPoints));
  const activeKey = active && activeNetwork(networks, active.profile, radio?.activeAccessPoint);
  const profiles = availableProfiles(objects, device, DEVICE_PROFILES.wifi);
  const hardware = radio?.permHwAddress;
  const address = hexDigits(hardware === undefined || hardware === "" ? device.hwAddress : hardware);
  for (const network of networks.values()) {
    const isActive = network.key === activeKey;
    const stored = profiles.find(({ profile: { wifi } }) => wifi !== undefined && joins(wifi, network));
    const profile = isActive ? active?.profile : stored?.profile;
    const names = { id: `wifi_${address}_${network.key}`, name: ssidText(network.ssid) };
    const described = serviceOf({ objects, bearer: "wifi", ...names, device, profile }, isActive, {
      profile: isActive ? active?.path : stored?.path,
      device: path,
      accessPoint: network.accessPoint,
      activation: isActive ? active?.activation : undefined,
    });
    const { strength, security, hasWps } = network;
    const wifi = { strength, security: hasWps ? [security, "wps"] : [security] };
    yield { ...described, service: { ...described.service, ...wifi } };
  }
}

/**
 * Returns the key of the network that a Wi-Fi device joins or has joined. If no access point shows the network, because
 * its name is hidden, adds it to `networks`.
 */
function activeNetwork(
  networks: Map<string, WifiNetwork>,
  profile: Profile | undefined,
  accessPoint: string = NO_OBJECT,
): string | undefined {
  const wifi = profile?.wifi;
  if (wifi === undefined) return [...networks.values()].find((network) => network.accessPoint === accessPoint)?.key;
  if (!wifi.joins || wifi.ssid.length === 0) return undefined;
  const key = networkKey(wifi.ssid, wifi.security);
  const { ssid, security } = wifi;
  if (!networks.has(key)) networks.set(key, { key, ssid, security, hasWps: false, strength: 0, accessPoint });
  return key;
}

function joins({ ssid, security, joins: isStation }: NonNullable<Profile["wifi"]>, network: WifiNetwork): boolean {
  return isStation && networkKey(ssid, security) === network.key;
}

function* softwareProfiles(objects: NetworkManagerObjects): Iterable<RankedService> {
  const activations = new Map(
    [...objects.activations]
      .filter(([, { state }]) => state !== ActiveConnectionState.Deactivated)
      .map(([activation, values]) => [values.connection, { activation, ...values }]),
  );
  for (const [path, profile] of objects.profiles) {
    const bearer = SOFTWARE_PROFILES.get(profile?.type ?? "");
    if (profile === undefined || bearer === undefined || profile.isPort || isForeign(objects, path)) continue;
    const active = activations.get(path);
    const [base = NO_OBJECT] = active?.devices ?? [];
    const device = active && (active.vpn === true ? vpnDevice(objects, active, base) : objects.devices.get(base));
    const name = (device && interfaceOf(device)) ?? profile.interface ?? "";
    if (name !== "" && !isInterfaceName(name)) continue;
    const id = `${bearer}_${hexDigits(profile.uuid)}_profile`;
    const values = { objects, bearer, id, name: profile.name, device: { ...device, interface: name }, profile };
    const state = active?.vpn === true ? vpnState(objects, active.state, device) : undefined;
    yield serviceOf(
      values,
      active !== undefined,
      { profile: path, device: NO_OBJECT, accessPoint: NO_OBJECT, activation: active?.activation },
      state === undefined ? {} : { state, ip4Config: active?.ip4Config, ip6Config: active?.ip6Config },
    );
  }
}

/**
 * Returns the device of a VPN that a plugin activated. NetworkManager reports only the device that carries the packets
 * of the VPN (`base`), so the device with the first address of the VPN is returned, or `base` if no device has this
 * address.
 */
function vpnDevice(
  { devices: all, ipv4, ipv6 }: NetworkManagerObjects,
  active: { readonly ip4Config?: string; readonly ip6Config?: string },
  base: string,
): DeviceValues | undefined {
  const address =
    ipv4.get(active.ip4Config ?? NO_OBJECT)?.addressData?.[0]?.address ??
    ipv6.get(active.ip6Config ?? NO_OBJECT)?.addressData?.[0]?.address;
  const found = [...all.values()].find(({ ip4Config = NO_OBJECT, ip6Config = NO_OBJECT }) =>
    [...(ipv4.get(ip4Config)?.addressData ?? []), ...(ipv6.get(ip6Config)?.addressData ?? [])].some(
      (data) => address !== undefined && data.address === address,
    ),
  );
  return found ?? all.get(base);
}

function vpnState(
  objects: NetworkManagerObjects,
  state: ActiveConnectionState | undefined,
  device: DeviceValues = {},
): ServiceState {
  if (state === ActiveConnectionState.Activating) return "association";
  if (state === ActiveConnectionState.Activated) return isOnline(device, objects) ? "online" : "ready";
  return state === ActiveConnectionState.Deactivating ? "disconnect" : "idle";
}

interface ServiceValues {
  readonly objects: NetworkManagerObjects;
  readonly bearer: Bearer;
  readonly id: string;
  readonly name: string;
  readonly device: DeviceValues;
  readonly profile: Profile | undefined;
}

/**
 * @param vpn - State and configurations of a VPN that a plugin activated; empty for other services. Their values
 * replace those of the device.
 */
function serviceOf(
  { objects, bearer, id, name, device, profile }: ServiceValues,
  isActive: boolean,
  paths: Omit<ManagedService, "service">,
  vpn: {
    readonly state?: ServiceState;
    readonly ip4Config?: string | undefined;
    readonly ip6Config?: string | undefined;
  } = {},
): RankedService {
  const state = vpn.state ?? (isActive ? stateOf(device, objects) : "idle");
  const isConfigured = isActive && (state === "configuration" || state === "ready" || state === "online");
  const ip4 = isConfigured ? objects.ipv4.get(vpn.ip4Config ?? device.ip4Config ?? NO_OBJECT) : undefined;
  const ip6 = isConfigured ? objects.ipv6.get(vpn.ip6Config ?? device.ip6Config ?? NO_OBJECT) : undefined;
  const failure = state === "failure" ? failureOf(device) : undefined;
  const service: NetworkService = {
    id,
    name: shortened(name),
    bearer,
    interface: interfaceOf(device),
    state,
    ipv4: ipv4Of(ip4, profile),
    ipv6: ipv6Of(ip6, profile),
    autoConnect: profile?.autoConnect === true,
    // ModemManager does not report whether the other network is of the same country.
    roaming: objects.roaming.has(device.udi ?? "") ? "international" : "home",
    nameservers: nameserversOf(ip4, ip6),
    domains: domainsOf(ip4, ip6),
    isFavorite: profile !== undefined,
    ...(profile?.ipv4Configuration && { ipv4Configuration: profile.ipv4Configuration }),
    ...(failure && { failure }),
    ...(device.hwAddress &&
      /^[0-9A-F:]{17}$/i.test(device.hwAddress) && { hardwareAddress: device.hwAddress.toUpperCase() }),
    ...(device.mtu !== undefined && device.mtu > 0 && { mtuBytes: device.mtu }),
  };
  return {
    ...paths,
    service,
    metric: (isConnected(service) ? metricOf(ip4, ip6) : undefined) ?? Number.POSITIVE_INFINITY,
    isMetered: isActive ? isMetered(device) : profile?.isMetered === true,
    priority: profile?.priority ?? 0,
  };
}

function hexDigits(text = ""): string {
  return text
    .replaceAll(/[^0-9A-Fa-f]/g, "")
    .toLowerCase()
    .slice(0, 40);
}

/** Shortens a name without splitting a character. */
function shortened(name: string): string {
  if (name.length <= MAX_NAME_LENGTH) return name;
  return name.slice(0, MAX_NAME_LENGTH).replace(/[\ud800-\udbff]$/, "");
}
