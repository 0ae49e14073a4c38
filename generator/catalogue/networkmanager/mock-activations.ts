import { type MockObject, type MockObjects, mock } from "dbus-codegen-ts/testing";
import { Active, ActiveConnectionState } from "./generated/org.freedesktop.NetworkManager.Connection.Active.ts";
import { DeviceState } from "./generated/org.freedesktop.NetworkManager.Device.ts";
import { UnknownConnectionError } from "./generated/org.freedesktop.NetworkManager.errors.ts";
import { IP4Config } from "./generated/org.freedesktop.NetworkManager.IP4Config.ts";
import { accessPointOf, canUse, type DeviceMock, setDeviceState } from "./mock-devices.ts";
import type { ProfileMock } from "./mock-profiles.ts";

const PATH = "/org/freedesktop/NetworkManager";
const NOTHING = "/";

/** A mock of an active connection. */
export interface ActiveMock extends MockObject<typeof Active> {
  readonly device: DeviceMock;
  readonly profile: ProfileMock;
  readonly ip4Config: MockObject<typeof IP4Config>;
}

/** The active connections of a mock of NetworkManager. */
export class Activations {
  readonly #objects: MockObjects;
  readonly #onChange: () => void;
  readonly #active = new Map<string, ActiveMock>();
  #count = 0;

  /** @param onChange - Called when a connection was activated or has ended. */
  constructor(objects: MockObjects, onChange: () => void) {
    this.#objects = objects;
    this.#onChange = onChange;
  }

  get all(): readonly ActiveMock[] {
    return [...this.#active.values()];
  }

  at(path: string): ActiveMock | undefined {
    return this.#active.get(path);
  }

  /**
   * Activates a profile on a device. The connection that the device had ends.
   *
   * @throws UnknownConnectionError if the device cannot use the profile.
   */
  async activate(profile: ProfileMock, device: DeviceMock): Promise<ActiveMock> {
    if (!canUse(device, profile.settings))
      throw new UnknownConnectionError(`the device ${device.name} cannot use the profile`);
    await this.endOf(device);
    const index = ++this.#count;
    const { id = "", type = "" } = profile.settings.connection ?? {};
    const point = accessPointOf(device, profile.settings.wireless?.ssid)?.path ?? NOTHING;
    const [address, gateway] = [`192.0.2.${10 + (index % 200)}`, "192.0.2.1"];
    const ip4Config = await this.#objects.add(
      `${PATH}/IP4Config/${index}`,
      mock(IP4Config, {}, { addressData: [{ address, prefix: 24 }], gateway, nameserverData: [{ address: gateway }] }),
    );
    const object = await this.#objects.add(
      `${PATH}/ActiveConnection/${index}`,
      mock(
        Active,
        {},
        {
          connection: profile.path,
          specificObject: point,
          id,
          uuid: profile.uuid,
          type,
          devices: [device.path],
          state: ActiveConnectionState.Activated,
          ip4Config: ip4Config.path,
          default: this.#active.size === 0,
        },
      ),
    );
    const active: ActiveMock = { ...object, device, profile, ip4Config };
    this.#active.set(active.path, active);
    Object.assign(device.properties, { activeConnection: active.path, ip4Config: ip4Config.path });
    if (device.wireless !== undefined) device.wireless.properties.activeAccessPoint = point;
    setDeviceState(device, DeviceState.Activated);
    this.#onChange();
    return active;
  }

  /** Ends the connection of a device, if it has one. */
  async endOf(device: DeviceMock): Promise<void> {
    for (const active of this.all) if (active.device === device) await this.end(active);
  }

  async end(active: ActiveMock): Promise<void> {
    const { device, ip4Config } = active;
    this.#active.delete(active.path);
    active.properties.state = ActiveConnectionState.Deactivated;
    active.signals.stateChanged(ActiveConnectionState.Deactivated, 2);
    Object.assign(device.properties, { activeConnection: NOTHING, ip4Config: NOTHING });
    if (device.wireless !== undefined) device.wireless.properties.activeAccessPoint = NOTHING;
    setDeviceState(device, DeviceState.Disconnected);
    this.#onChange();
    await active.remove();
    await ip4Config.remove();
  }
}
