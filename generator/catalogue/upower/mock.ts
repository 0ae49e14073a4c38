import type { Bus } from "@dbus-codegen-ts/runtime";
import {
  action,
  addition,
  type Mock,
  type MockObject,
  type MockObjects,
  type MockTemplate,
  mock,
  serveTemplate,
  type TemplateMock,
} from "dbus-codegen-ts/testing";
import {
  BatteryLevel,
  BatteryTechnology,
  Device,
  type DeviceProperties,
  DeviceState,
  DeviceType,
  WarningLevel,
} from "./generated/org.freedesktop.UPower.Device.ts";
import { UPower } from "./generated/org.freedesktop.UPower.ts";

const BUS_NAME = "org.freedesktop.UPower";
const PATH = "/org/freedesktop/UPower";
const DISPLAY_DEVICE = `${PATH}/devices/DisplayDevice`;

/** A mock of a device. */
export type DeviceMock = MockObject<typeof Device>;

/** A mock of UPower: batteries, mains and other devices. Devices are announced by the signals of UPower. */
export class UPowerMock implements TemplateMock {
  readonly objects: MockObjects;
  /** Mock of the daemon's interface. */
  readonly daemon: Mock<typeof UPower>;
  /**
   * The display device: the battery that a panel shows. Its properties do not change when those of other devices
   * change.
   */
  readonly displayDevice: Mock<typeof Device>;
  readonly commands = {
    addMains: addition(["name"], Device, ([name], properties: Partial<DeviceProperties>) =>
      this.addMains(name, properties),
    ),
    addBattery: addition(["name"], Device, ([name], properties: Partial<DeviceProperties>) =>
      this.addBattery(name, properties),
    ),
    addDevice: addition(["kind", "name"], Device, ([kind, name], properties: Partial<DeviceProperties>) =>
      this.addDevice(kind, name, properties),
    ),
    removeDevice: action(["name"], ([name]) => this.removeDevice(name)),
  };
  readonly #devices = new Map<string, DeviceMock>();

  private constructor(objects: MockObjects) {
    this.objects = objects;
    this.daemon = mock(
      UPower,
      {
        enumerateDevices: () => [...this.#devices.values()].map(({ path }) => path),
        getDisplayDevice: () => DISPLAY_DEVICE,
        getCriticalAction: () => "PowerOff",
      },
      { daemonVersion: "0.99.20" },
    );
    this.displayDevice = mock(Device, {}, { type: DeviceType.Unknown, warningLevel: WarningLevel.None });
  }

  /** Serves the mock on a bus and requests the name `org.freedesktop.UPower`. */
  static serve(bus: Bus): Promise<UPowerMock> {
    return serveTemplate(bus, BUS_NAME, UPowerMock.create);
  }

  /** Serves a daemon without devices. */
  static async create(objects: MockObjects): Promise<UPowerMock> {
    const upower = new UPowerMock(objects);
    await objects.add(PATH, upower.daemon);
    await objects.add(DISPLAY_DEVICE, upower.displayDevice);
    return upower;
  }

  /** Adds mains power: `addMains("AC", { online: true })`. It is connected by default. */
  addMains(name: string, properties: Partial<DeviceProperties> = {}): Promise<DeviceMock> {
    return this.#add(`line_power_${name}`, name, {
      type: DeviceType.LinePower,
      powerSupply: true,
      online: true,
      iconName: "ac-adapter-symbolic",
      ...properties,
    });
  }

  /** Adds a battery: `addBattery("BAT0", { percentage: 20 })`. It is half full and discharging by default. */
  addBattery(name: string, properties: Partial<DeviceProperties> = {}): Promise<DeviceMock> {
    const { percentage = 50, energyFull = 40, state = DeviceState.Discharging } = properties;
    const energy = (energyFull * percentage) / 100;
    const energyRate = 10;
    const seconds = (wattHours: number): bigint => BigInt(Math.round((wattHours * 3600) / energyRate));
    return this.#add(`battery_${name}`, name, {
      type: DeviceType.Battery,
      powerSupply: true,
      isPresent: true,
      isRechargeable: true,
      state,
      technology: BatteryTechnology.LithiumIon,
      warningLevel: WarningLevel.None,
      batteryLevel: BatteryLevel.None,
      percentage,
      energyFull,
      energyFullDesign: energyFull,
      energy,
      energyRate,
      ...(state === DeviceState.Discharging && { timeToEmpty: seconds(energy) }),
      ...(state === DeviceState.Charging && { timeToFull: seconds(energyFull - energy) }),
      voltage: 12,
      capacity: 100,
      iconName: "battery-good-symbolic",
      ...properties,
    });
  }

  /**
   * Adds another device: `addDevice("mouse", "hid0", { percentage: 80 })`.
   *
   * @param kind - Kind as a word, such as `mouse`, `keyboard` or `phone`.
   * @throws Error if there is no such kind.
   */
  async addDevice(kind: string, name: string, properties: Partial<DeviceProperties> = {}): Promise<DeviceMock> {
    const wanted = kind.replaceAll(/[-_ ]/g, "").toLowerCase();
    const found = Object.entries(DeviceType).find(([key]) => key.toLowerCase() === wanted);
    if (found === undefined) throw new Error(`there is no kind of device "${kind}"`);
    const battery = { batteryLevel: BatteryLevel.None, warningLevel: WarningLevel.None, percentage: 50 };
    const defaults = { type: found[1], isPresent: true, isRechargeable: true, ...battery };
    return this.#add(`${kind}_${name}`, name, { ...defaults, ...properties });
  }

  /** Removes a device by the name with which it was added. Throws Error if there is no such device. */
  async removeDevice(name: string): Promise<void> {
    const device = this.#devices.get(name);
    if (device === undefined) throw new Error(`there is no device "${name}"`);
    this.#devices.delete(name);
    await device.remove();
    this.#update();
    this.daemon.signals.deviceRemoved(device.path);
  }

  async #add(element: string, name: string, properties: Partial<DeviceProperties>): Promise<DeviceMock> {
    const path = `${PATH}/devices/${element.replaceAll(/[^A-Za-z0-9_]/g, "_")}`;
    const updateTime = BigInt(Math.floor(Date.now() / 1000));
    const device = mock(Device, {}, { nativePath: name, updateTime, ...properties });
    const added = await this.objects.add(path, device);
    this.#devices.set(name, added);
    this.#update();
    this.daemon.signals.deviceAdded(path);
    return added;
  }

  /** Updates the property OnBattery: true if there is a battery and no connected mains. */
  #update(): void {
    const devices = [...this.#devices.values()].map(({ properties }) => properties);
    const hasBattery = devices.some(({ type, powerSupply }) => type === DeviceType.Battery && powerSupply);
    this.daemon.properties.onBattery = hasBattery && !devices.some(({ online }) => online);
  }
}

/** The template that `dbus-codegen mock` uses for UPower. */
export const template: MockTemplate = { busName: BUS_NAME, serve: UPowerMock.create };
