import {
  ConnectivityState,
  type DeviceProperties,
  DeviceState,
  DeviceStateReason,
  InterfaceFlags,
  Metered,
} from "@dbus-codegen-ts/networkmanager/org.freedesktop.NetworkManager.Device";
import type { ServiceState } from "../../../policy/service.ts";
import { hasDefaultRoute, hasGateway } from "./ip-configuration.ts";
import { type NetworkManagerObjects, NO_OBJECT } from "./objects.ts";

/** Properties of a device. A property with an unknown value is absent. */
export type DeviceValues = Partial<DeviceProperties>;

/** ConnMan's error names by NetworkManager's reasons of a failure. */
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

/** What decides about the state of a device besides its own properties. */
type OtherValues = Pick<NetworkManagerObjects, "manager" | "ipv4">;

/** First version that checks IPv4 connectivity over default routes without gateway. */
const FIRST_CHECK_WITHOUT_GATEWAY = [1, 58, 2] as const;

/** Returns the state of the service that a device represents. */
export function stateOf(device: DeviceValues, others: OtherValues): ServiceState {
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
      return isOnline(device, others) ? "online" : "ready";
    case DeviceState.Deactivating:
      return "disconnect";
    case DeviceState.Failed:
      return "failure";
    default:
      return "idle";
  }
}

/** Returns the reason of a failure. NetworkManager reports the reason after the state. */
export function failureOf({ stateReason }: DeviceValues): string | undefined {
  return stateReason?.state === DeviceState.Failed ? FAILURES.get(stateReason.reason) : undefined;
}

/**
 * Returns whether NetworkManager has reached the Internet over a device. Before version 1.58.2, NetworkManager does not check
 * devices whose IPv4 routes have no gateway, such as WireGuard and PPP, and reports limited connectivity. Such a device is
 * online if it has a default route.
 */
export function isOnline(device: DeviceValues, others: OtherValues): boolean {
  const { ip4Connectivity, ip6Connectivity } = device;
  if (ip4Connectivity === ConnectivityState.Full || ip6Connectivity === ConnectivityState.Full) return true;
  return ip4Connectivity === ConnectivityState.Limited && isUnchecked(device, others);
}

function isUnchecked({ ip4Config = NO_OBJECT }: DeviceValues, { manager, ipv4 }: OtherValues): boolean {
  const config = ipv4.get(ip4Config);
  const [{ version = "" } = {}] = manager.values();
  return hasDefaultRoute(config) && !hasGateway(config) && isBefore(version, FIRST_CHECK_WITHOUT_GATEWAY);
}

/** Returns whether a version such as `1.42.4` is older than another one, or is not known. */
function isBefore(version: string, other: readonly number[]): boolean {
  const numbers = version.split(".").map((part) => Number.parseInt(part, 10) || 0);
  const index = other.findIndex((number, position) => number !== (numbers[position] ?? 0));
  return index >= 0 && (numbers[index] ?? 0) < (other[index] ?? 0);
}

/** Returns whether traffic over a device costs money, as far as NetworkManager knows. */
export function isMetered({ metered }: DeviceValues): boolean {
  return metered === Metered.Yes || metered === Metered.GuessYes;
}

/**
 * Returns whether a cable is plugged in. When a cable is plugged in or out, this value changes before the state of the
 * device.
 */
export function hasCarrier({ interfaceFlags }: DeviceValues): boolean {
  return interfaceFlags === undefined || (interfaceFlags & InterfaceFlags.Carrier) !== 0;
}

/** Returns the name of the interface that has the addresses of a device. */
export function interfaceOf({ ipInterface = "", interface: name = "" }: DeviceValues): string {
  return ipInterface || name;
}
