import { uptime } from "node:os";
import { type Mock, type MockObject, type MockObjects, mock } from "dbus-codegen-ts/testing";
import {
  AccessPoint,
  AccessPointFlags,
  type AccessPointProperties,
  AccessPointSecurityFlags,
} from "./generated/org.freedesktop.NetworkManager.AccessPoint.ts";
import {
  Device,
  type DeviceProperties,
  DeviceState,
  DeviceStateReason,
  DeviceType,
} from "./generated/org.freedesktop.NetworkManager.Device.ts";
import { Wired } from "./generated/org.freedesktop.NetworkManager.Device.Wired.ts";
import { Wireless } from "./generated/org.freedesktop.NetworkManager.Device.Wireless.ts";
import type { ProfileSettings } from "./mock-profiles.ts";

const PATH = "/org/freedesktop/NetworkManager";

/** A mock of an access point. */
export type AccessPointMock = MockObject<typeof AccessPoint>;

/** A mock of a network device. */
export interface DeviceMock extends MockObject<typeof Device> {
  /** Name of the network interface. */
  readonly name: string;
  /** Connection type of the profiles that the device can use, such as `802-3-ethernet`. */
  readonly profileType: string;
  /** Mock of the Wi-Fi interface of the device; absent for other devices. */
  readonly wireless?: Mock<typeof Wireless>;
  readonly accessPoints: readonly AccessPointMock[];
}

/** The functions of the mock of NetworkManager that its devices call. */
export interface DeviceOwner {
  /** Ends the connection of a device. */
  disconnect(device: DeviceMock): Promise<void>;
}

/** Creates mocks of devices and access points, and numbers their object paths. */
export class DeviceFactory {
  readonly #objects: MockObjects;
  readonly #owner: DeviceOwner;
  #devices = 0;
  #accessPoints = 0;

  constructor(objects: MockObjects, owner: DeviceOwner) {
    this.#objects = objects;
    this.#owner = owner;
  }

  /** Adds an Ethernet device with a plugged cable. */
  addWired(name: string, properties: Partial<DeviceProperties>): Promise<DeviceMock> {
    const hwAddress = this.#nextAddress();
    const wired = mock(Wired, {}, { hwAddress, permHwAddress: hwAddress, speed: 1000, carrier: true });
    const type = { deviceType: DeviceType.Ethernet, capabilities: 3, hwAddress };
    return this.#add(name, "802-3-ethernet", { ...type, ...properties }, wired, undefined);
  }

  /** Adds a Wi-Fi device. */
  addWireless(name: string, properties: Partial<DeviceProperties>): Promise<DeviceMock> {
    const hwAddress = this.#nextAddress();
    const wireless: Mock<typeof Wireless> = mock(
      Wireless,
      {
        getAccessPoints: () => wireless.properties.accessPoints,
        getAllAccessPoints: () => wireless.properties.accessPoints,
        requestScan: () => {
          wireless.properties.lastScan = bootTimeMs();
        },
      },
      {
        hwAddress,
        permHwAddress: hwAddress,
        mode: 2,
        bitrate: 54_000,
        wirelessCapabilities: 0xffff,
        lastScan: bootTimeMs(),
      },
    );
    const type = { deviceType: DeviceType.Wifi, capabilities: 1, hwAddress };
    return this.#add(name, "802-11-wireless", { ...type, ...properties }, wireless, wireless);
  }

  /** Adds an access point that a Wi-Fi device has found. */
  async addAccessPoint(
    device: DeviceMock,
    ssid: string,
    properties: Partial<AccessPointProperties>,
  ): Promise<AccessPointMock> {
    const { wireless } = device;
    if (wireless === undefined) throw new Error(`the device ${device.name} has no Wi-Fi`);
    const index = ++this.#accessPoints;
    const point = await this.#objects.add(
      `${PATH}/AccessPoint/${index}`,
      mock(
        AccessPoint,
        {},
        {
          ssid: Buffer.from(ssid),
          hwAddress: `02:00:00:00:01:${hex(index)}`,
          strength: 80,
          frequency: 2412,
          maxBitrate: 54_000,
          mode: 2,
          lastSeen: Number(bootTimeMs() / 1000n),
          flags: AccessPointFlags.Privacy,
          rsnFlags: PERSONAL,
          ...properties,
        },
      ),
    );
    setAccessPoints(device, [...device.accessPoints, point]);
    wireless.signals.accessPointAdded(point.path);
    return point;
  }

  /** Removes an access point. */
  async removeAccessPoint(device: DeviceMock, point: AccessPointMock): Promise<void> {
    const others = device.accessPoints.filter((other) => other !== point);
    setAccessPoints(device, others);
    await point.remove();
    device.wireless?.signals.accessPointRemoved(point.path);
  }

  async #add(
    name: string,
    profileType: string,
    properties: Partial<DeviceProperties>,
    part: Mock<typeof Wired> | Mock<typeof Wireless>,
    wireless: Mock<typeof Wireless> | undefined,
  ): Promise<DeviceMock> {
    const index = ++this.#devices;
    const added = await this.#objects.add(
      `${PATH}/Devices/${index}`,
      mock(
        Device,
        { disconnect: () => this.#owner.disconnect(device) },
        {
          interface: name,
          ipInterface: name,
          udi: `/sys/devices/mock/net/${name}`,
          path: `mock-${index}`,
          driver: "mock",
          managed: true,
          autoconnect: true,
          real: true,
          mtu: 1500,
          state: DeviceState.Disconnected,
          stateReason: { state: DeviceState.Disconnected, reason: DeviceStateReason.None },
          ...properties,
        },
      ),
      part,
    );
    const device: DeviceMock = { ...added, name, profileType, accessPoints: [], ...(wireless && { wireless }) };
    return device;
  }

  #nextAddress(): string {
    return `02:00:00:00:00:${hex(this.#devices + 1)}`;
  }
}

/** Security flags of an access point with a WPA2 or WPA3 password. */
const PERSONAL =
  AccessPointSecurityFlags.PairCCMP | AccessPointSecurityFlags.GroupCCMP | AccessPointSecurityFlags.KeyManagementPSK;

/** Changes the state of a device and emits its signal StateChanged. */
export function setDeviceState({ properties, signals }: DeviceMock, state: DeviceState): void {
  const previous = properties.state;
  if (previous === state) return;
  const reason = DeviceStateReason.None;
  properties.state = state;
  properties.stateReason = { state, reason };
  signals.stateChanged(state, previous, reason);
}

/** Returns whether a device can use a profile now. */
export function canUse(device: DeviceMock, { connection, wireless: wifi }: ProfileSettings): boolean {
  if (connection?.type !== device.profileType || device.properties.state < DeviceState.Disconnected) return false;
  const { interfaceName = "" } = connection;
  if (interfaceName !== "" && interfaceName !== device.name) return false;
  return device.wireless === undefined || accessPointOf(device, wifi?.ssid) !== undefined;
}

/** Returns the strongest access point of a network that a device has found. */
export function accessPointOf(device: DeviceMock, ssid: Uint8Array = new Uint8Array()): AccessPointMock | undefined {
  return device.accessPoints
    .filter(({ properties }) => Buffer.compare(properties.ssid, ssid) === 0)
    .toSorted((a, b) => b.properties.strength - a.properties.strength)[0];
}

function setAccessPoints(device: DeviceMock, points: readonly AccessPointMock[]): void {
  Object.assign(device, { accessPoints: points });
  if (device.wireless !== undefined) device.wireless.properties.accessPoints = points.map(({ path }) => path);
}

/** Returns the milliseconds since the machine has started, including the time in which it was suspended. */
function bootTimeMs(): bigint {
  return BigInt(Math.round(uptime() * 1000));
}

function hex(index: number): string {
  return (index & 0xff).toString(16).padStart(2, "0").toUpperCase();
}
