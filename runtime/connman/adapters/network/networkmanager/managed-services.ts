import { ActiveConnectionState } from "@dbus-codegen-ts/stubs/org.freedesktop.NetworkManager.Connection.Active";
import {
  ConnectivityState,
  type DeviceProperties,
  DeviceState,
  DeviceStateReason,
  DeviceType,
  InterfaceFlags,
  Metered,
} from "@dbus-codegen-ts/stubs/org.freedesktop.NetworkManager.Device";
import { SettingsConnectionFlags } from "@dbus-codegen-ts/stubs/org.freedesktop.NetworkManager.Settings.Connection";
import type { Bearer, NetworkService, ServiceState } from "../../../policy/service.ts";
import { isConnected } from "../../../policy/service.ts";
import { MAX_SERVICES } from "../../../quotas.ts";
import { isInterfaceName } from "../../linux/interface-name.ts";
import type { Technology } from "../network.ts";
import { technologyName } from "../technology-names.ts";
import { domainsOf, ipv4Of, ipv6Of, metricOf, nameserversOf } from "./ip-configuration.ts";
import { type NetworkManagerObjects, NO_OBJECT } from "./objects.ts";
import type { Profile } from "./profile.ts";
import { networkKey, ssidText, type WifiNetwork, wifiNetworks } from "./wifi-networks.ts";

/** A service with the objects of NetworkManager that bring it up. */
export interface ManagedService {
  readonly service: NetworkService;
  /** Path of its profile; undefined for a Wi-Fi network that was never joined. */
  readonly profile: string | undefined;
  /** Path of its device, or `/` if the profile creates it. */
  readonly device: string;
  /** Path of the access point to join, or `/`. */
  readonly accessPoint: string;
  /** Path of the activation that brings it up or has brought it up; undefined without activation. */
  readonly activation: string | undefined;
}

type DeviceValues = Partial<DeviceProperties>;

/** A profile with its path. */
interface KnownProfile {
  readonly path: string;
  readonly profile: Profile;
}

/** What decides about the order of services besides the service itself. */
interface RankedService extends ManagedService {
  readonly metric: number;
  readonly isMetered: boolean;
  readonly priority: number;
}

const DEVICE_BEARERS: ReadonlyMap<DeviceType, Bearer> = new Map([
  [DeviceType.Ethernet, "ethernet"],
  [DeviceType.Veth, "ethernet"],
  [DeviceType.Infiniband, "ethernet"],
  [DeviceType.Wifi, "wifi"],
  [DeviceType.Modem, "cellular"],
  [DeviceType.Bluetooth, "bluetooth"],
]);

/** Types of profiles by the bearer of the devices that they can be activated on. */
const DEVICE_PROFILES: Readonly<Partial<Record<Bearer, ReadonlySet<string>>>> = {
  ethernet: new Set(["802-3-ethernet", "pppoe", "veth", "infiniband"]),
  wifi: new Set(["802-11-wireless"]),
  cellular: new Set(["gsm", "cdma"]),
  bluetooth: new Set(["bluetooth"]),
};

/** Types of profiles that create their device, or that a VPN plugin activates. */
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

/** Last part of the id, as in ConnMan. */
const SUFFIXES: Readonly<Partial<Record<Bearer, string>>> = {
  ethernet: "cable",
  cellular: "context",
  bluetooth: "pan",
};

/** Errors of ConnMan by the reason of a failure. */
const FAILURES: ReadonlyMap<DeviceStateReason, string> = new Map([
  [DeviceStateReason.IpConfigUnavailable, "dhcp-failed"],
  [DeviceStateReason.DhcpStartFailed, "dhcp-failed"],
  [DeviceStateReason.DhcpError, "dhcp-failed"],
  [DeviceStateReason.DhcpFailed, "dhcp-failed"],
  [DeviceStateReason.NoSecrets, "invalid-key"],
  [DeviceStateReason.SupplicantFailed, "auth-failed"],
  [DeviceStateReason.SupplicantTimeout, "auth-failed"],
  [DeviceStateReason.GsmRegistrationDenied, "login-failed"],
  [DeviceStateReason.GsmPinCheckFailed, "pin-missing"],
  [DeviceStateReason.GsmSimPinRequired, "pin-missing"],
  [DeviceStateReason.SimPinIncorrect, "pin-missing"],
  [DeviceStateReason.SsidNotFound, "out-of-range"],
]);

const MAX_NAME_LENGTH = 256;

/**
 * Returns the services of NetworkManager in order of preference: by the metric of their default route; then those without
 * one that are up; then those that may be activated automatically; then those that are not metered; then by bearer,
 * priority of the profile and strength.
 *
 * Each device for a cable, modem or Bluetooth has the service of its active profile, or else of the one that NetworkManager
 * would activate. Each Wi-Fi device has one service per SSID and security. Profiles of VPNs and of other devices that
 * NetworkManager creates have a service each. Devices without carrier, members of bridges and bonds, devices that
 * NetworkManager does not manage, and software devices that other programs configure have none.
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

/** Returns the service of a device that has one at a time. */
function* deviceService(
  objects: NetworkManagerObjects,
  path: string,
  device: DeviceValues,
  bearer: Bearer,
): Iterable<RankedService> {
  const active = activeProfile(objects, device);
  if (active?.isUnread || active?.profile?.isPort) return;
  const best = active ? undefined : available(objects, device, DEVICE_PROFILES[bearer])[0];
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

/** Returns the services of a Wi-Fi device. */
function* wifiServices(objects: NetworkManagerObjects, path: string, device: DeviceValues): Iterable<RankedService> {
  const active = activeProfile(objects, device);
  if (active?.isUnread || active?.profile?.isPort) return;
  const radio = objects.radios.get(path);
  const networks = new Map(wifiNetworks(radio?.accessPoints ?? [], objects.accessPoints));
  const activeKey = active && activeNetwork(networks, active.profile, radio?.activeAccessPoint);
  const profiles = available(objects, device, DEVICE_PROFILES.wifi);
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

/** Returns the key of the network that a Wi-Fi device joins or has joined. Adds it if it is hidden. */
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
    const state = active?.vpn === true ? vpnState(active.state, device) : undefined;
    yield serviceOf(
      values,
      active !== undefined,
      { profile: path, device: NO_OBJECT, accessPoint: NO_OBJECT, activation: active?.activation },
      state === undefined ? {} : { state, ip4Config: active?.ip4Config, ip6Config: active?.ip6Config },
    );
  }
}

/**
 * Returns the device of a VPN of a plugin: the one with the address of the VPN, because NetworkManager reports only the device
 * that carries its packets.
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

function vpnState(state: ActiveConnectionState | undefined, device: DeviceValues | undefined): ServiceState {
  if (state === ActiveConnectionState.Activating) return "association";
  if (state === ActiveConnectionState.Activated) return isOnline(device ?? {}) ? "online" : "ready";
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

/** @param vpn - State and addresses of a VPN of a plugin, which the device does not have. */
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
  const state = vpn.state ?? (isActive ? stateOf(device) : "idle");
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

function stateOf(device: DeviceValues): ServiceState {
  switch (device.state) {
    case DeviceState.Prepare:
    case DeviceState.Config:
    case DeviceState.NeedAuth:
      return "association";
    case DeviceState.IpConfig:
    case DeviceState.IpCheck:
    case DeviceState.Secondaries:
      return "configuration";
    case DeviceState.Activated:
      return isOnline(device) ? "online" : "ready";
    case DeviceState.Deactivating:
      return "disconnect";
    case DeviceState.Failed:
      return "failure";
    default:
      return "idle";
  }
}

/** Returns the reason of a failure. NetworkManager reports it after the state. */
function failureOf({ stateReason }: DeviceValues): string | undefined {
  return stateReason?.state === DeviceState.Failed ? FAILURES.get(stateReason.reason) : undefined;
}

function isOnline({ ip4Connectivity, ip6Connectivity }: DeviceValues): boolean {
  return ip4Connectivity === ConnectivityState.Full || ip6Connectivity === ConnectivityState.Full;
}

function isMetered({ metered }: DeviceValues): boolean {
  return metered === Metered.Yes || metered === Metered.GuessYes;
}

/** Returns whether a cable is plugged in. NetworkManager reports it before the state changes. */
function hasCarrier({ interfaceFlags }: DeviceValues): boolean {
  return interfaceFlags === undefined || (interfaceFlags & InterfaceFlags.Carrier) !== 0;
}

function interfaceOf({ ipInterface = "", interface: name = "" }: DeviceValues): string {
  return ipInterface || name;
}

/** The activation of a device with its profile. */
interface ActiveProfile {
  readonly activation: string;
  /** Path of the profile. */
  readonly path: string | undefined;
  /** Undefined if it cannot be read. */
  readonly profile: Profile | undefined;
  /** Whether the settings of the profile are being read. */
  readonly isUnread: boolean;
}

function activeProfile(objects: NetworkManagerObjects, device: DeviceValues): ActiveProfile | undefined {
  const activation = device.activeConnection ?? NO_OBJECT;
  const active = objects.activations.get(activation);
  if (active === undefined) return undefined;
  const path = active.connection;
  const isUnread = path !== undefined && objects.stored.has(path) && !objects.profiles.has(path);
  return { activation, path, profile: objects.profiles.get(path ?? NO_OBJECT), isUnread };
}

/** Returns the profiles that could be activated on a device, the one that NetworkManager would activate first. */
function available(
  objects: NetworkManagerObjects,
  { availableConnections = [] }: DeviceValues,
  types: ReadonlySet<string> | undefined,
): readonly KnownProfile[] {
  const usable = availableConnections.flatMap((path): KnownProfile[] => {
    const profile = objects.profiles.get(path);
    if (profile === undefined || types?.has(profile.type) !== true) return [];
    return profile.isPort || isForeign(objects, path) ? [] : [{ path, profile }];
  });
  return usable.sort(({ profile: left }, { profile: right }) => {
    if (left.autoConnect !== right.autoConnect) return left.autoConnect ? -1 : 1;
    if (left.priority !== right.priority) return right.priority - left.priority;
    if (left.lastUsed !== right.lastUsed) return left.lastUsed > right.lastUsed ? -1 : 1;
    return compare(left.uuid, right.uuid);
  });
}

/** Returns whether a profile only describes what another program has configured. */
function isForeign({ stored }: NetworkManagerObjects, path: string): boolean {
  return ((stored.get(path)?.flags ?? 0) & SettingsConnectionFlags.External) !== 0;
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

const RANKS: readonly Bearer[] = ["ethernet", "gadget", "wifi", "bluetooth", "cellular", "vpn", "wimax"];

function byRank(left: Bearer, right: Bearer): number {
  return RANKS.indexOf(left) - RANKS.indexOf(right);
}

function byPreference(left: RankedService, right: RankedService): number {
  if (left.metric !== right.metric) return left.metric < right.metric ? -1 : 1;
  return (
    firstIf(isConnected(left.service), isConnected(right.service)) ||
    firstIf(left.service.autoConnect, right.service.autoConnect) ||
    firstIf(!left.isMetered, !right.isMetered) ||
    byRank(left.service.bearer, right.service.bearer) ||
    right.priority - left.priority ||
    (right.service.strength ?? 0) - (left.service.strength ?? 0) ||
    compare(left.service.interface, right.service.interface) ||
    compare(left.service.id, right.service.id)
  );
}

function firstIf(left: boolean, right: boolean): number {
  return Number(right) - Number(left);
}

const { compare } = new Intl.Collator("en", { numeric: true });
