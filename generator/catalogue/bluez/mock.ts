import type { Bus } from "@dbus-codegen-ts/runtime";
import {
  action,
  addition,
  type MockObject,
  type MockObjects,
  type MockTemplate,
  mock,
  serveTemplate,
  type TemplateMock,
} from "dbus-codegen-ts/testing";
import { Adapter1, type Adapter1Properties, AddressType } from "./generated/org.bluez.Adapter1.ts";
import { AgentManager1 } from "./generated/org.bluez.AgentManager1.ts";
import { Battery1, type Battery1Properties } from "./generated/org.bluez.Battery1.ts";
import { Device1, type Device1Properties } from "./generated/org.bluez.Device1.ts";
import {
  AlreadyExistsError,
  DoesNotExistError,
  FailedError,
  InProgressError,
  NotReadyError,
} from "./generated/org.bluez.Error.ts";
import { GattManager1 } from "./generated/org.bluez.GattManager1.ts";
import { LEAdvertisingManager1 } from "./generated/org.bluez.LEAdvertisingManager1.ts";

const BUS_NAME = "org.bluez";
const PATH = "/org/bluez";

const CONNECTED = { connected: true, servicesResolved: true };
const DISCONNECTED = { connected: false, servicesResolved: false };

/** A mock of an adapter. */
export type AdapterMock = MockObject<typeof Adapter1>;
/** A mock of a remote device. */
export type DeviceMock = MockObject<typeof Device1>;

interface Adapter {
  readonly mock: AdapterMock;
  /** Devices by address. */
  readonly devices: Map<string, DeviceMock>;
  /** Unique names of the clients that have started a discovery on the adapter. */
  readonly discoverers: Set<string>;
}

/**
 * A mock of BlueZ: adapters and remote devices, announced by the object manager at `/`. Pairing and connecting succeed
 * at once and without an agent; replace a handler of a device to let them fail.
 */
export class BluezMock implements TemplateMock {
  readonly objects: MockObjects;
  readonly commands = {
    addAdapter: addition(["name"], Adapter1, ([name], properties: Partial<Adapter1Properties>) =>
      this.addAdapter(name, properties),
    ),
    addDevice: addition(["adapter", "address"], Device1, ([adapter, address], properties: Partial<Device1Properties>) =>
      this.addDevice(adapter, address, properties),
    ),
    addBattery: addition(["address"], Battery1, ([address], properties: Partial<Battery1Properties>) =>
      this.addBattery(address, properties),
    ),
    removeDevice: action(["address"], ([address]) => this.removeDevice(address)),
    removeAdapter: action(["name"], ([name]) => this.removeAdapter(name)),
  };
  readonly #adapters = new Map<string, Adapter>();

  private constructor(objects: MockObjects) {
    this.objects = objects;
  }

  /** Serves the mock on a bus and requests the name `org.bluez`. */
  static serve(bus: Bus): Promise<BluezMock> {
    return serveTemplate(bus, BUS_NAME, BluezMock.create);
  }

  /** Serves a mock without adapters. */
  static async create(objects: MockObjects): Promise<BluezMock> {
    await objects.addManager("/");
    await objects.add(PATH, mock(AgentManager1));
    return new BluezMock(objects);
  }

  /** Adds an adapter: `addAdapter("hci0", { alias: "laptop" })`. It is powered by default. */
  async addAdapter(name: string, properties: Partial<Adapter1Properties> = {}): Promise<AdapterMock> {
    const index = this.#adapters.size;
    const discoverers = new Set<string>();
    const devices = new Map<string, DeviceMock>();
    const update = (): void => {
      adapter.properties.discovering = discoverers.size > 0;
    };
    const adapter: AdapterMock = await this.objects.add(
      `${PATH}/${name}`,
      mock(
        Adapter1,
        {
          startDiscovery: ({ sender }) => {
            if (!adapter.properties.powered) throw new NotReadyError("Resource Not Ready");
            if (discoverers.has(sender)) throw new InProgressError("Operation already in progress");
            discoverers.add(sender);
            update();
          },
          stopDiscovery: ({ sender }) => {
            if (!discoverers.delete(sender)) throw new FailedError("No discovery started");
            update();
          },
          getDiscoveryFilters: () => ["UUIDs", "RSSI", "Pathloss", "Transport", "DuplicateData", "Discoverable"],
          removeDevice: async (path) => {
            const found = [...devices.keys()].find((address) => devices.get(address)?.path === path);
            if (found === undefined) throw new DoesNotExistError("Does Not Exist");
            await this.removeDevice(found);
          },
        },
        {
          address: `00:AA:01:00:00:${index.toString(16).padStart(2, "0").toUpperCase()}`,
          addressType: AddressType.Public,
          name,
          alias: name,
          powered: true,
          powerState: "on",
          pairable: true,
          discoverableTimeout: 180,
          modalias: "usb:v1D6Bp0246d0542",
          roles: ["central", "peripheral"],
          ...properties,
        },
      ),
      mock(GattManager1),
      mock(LEAdvertisingManager1, {}, { supportedInstances: 5 }),
    );
    adapter.beforeWrite(({ property, value }) => {
      if (property !== "powered") return;
      adapter.properties.powerState = value === true ? "on" : "off";
      if (value === true) return;
      discoverers.clear();
      update();
      for (const { properties } of devices.values()) Object.assign(properties, DISCONNECTED);
    });
    this.#adapters.set(name, { mock: adapter, devices, discoverers });
    return adapter;
  }

  /**
   * Adds a device that an adapter has found: `addDevice("hci0", "00:11:22:33:44:55", { alias: "Sensor" })`.
   *
   * @throws Error if there is no such adapter.
   */
  async addDevice(
    adapterName: string,
    address: string,
    properties: Partial<Device1Properties> = {},
  ): Promise<DeviceMock> {
    const adapter = this.#adapters.get(adapterName);
    if (adapter === undefined) throw new Error(`there is no adapter "${adapterName}"`);
    const name = properties.name ?? properties.alias ?? address.replaceAll(":", "-");
    const device: DeviceMock = await this.objects.add(
      `${adapter.mock.path}/dev_${address.replaceAll(":", "_")}`,
      mock(
        Device1,
        {
          pair: () => {
            if (device.properties.paired) throw new AlreadyExistsError("Already Exists");
            Object.assign(device.properties, { paired: true, bonded: true, ...CONNECTED });
          },
          connect: () => {
            if (!adapter.mock.properties.powered) throw new NotReadyError("Resource Not Ready");
            Object.assign(device.properties, CONNECTED);
          },
          disconnect: () => void Object.assign(device.properties, DISCONNECTED),
        },
        {
          adapter: adapter.mock.path,
          address,
          addressType: AddressType.Public,
          name,
          alias: name,
          ...properties,
        },
      ),
    );
    adapter.devices.set(address, device);
    return device;
  }

  /**
   * Adds a battery to a device: `addBattery("00:11:22:33:44:55", { percentage: 80 })`.
   *
   * @throws Error if there is no such device.
   */
  async addBattery(
    address: string,
    properties: Partial<Battery1Properties> = {},
  ): Promise<MockObject<typeof Battery1>> {
    const { path } = this.#adapterOf(address).device;
    return this.objects.add(path, mock(Battery1, {}, { percentage: 100, ...properties }));
  }

  /** Removes a device. Throws Error if there is no such device. */
  async removeDevice(address: string): Promise<void> {
    const { adapter, device } = this.#adapterOf(address);
    adapter.devices.delete(address);
    await this.objects.remove(device.path);
  }

  /** Removes an adapter and its devices. Throws Error if there is no such adapter. */
  async removeAdapter(name: string): Promise<void> {
    const adapter = this.#adapters.get(name);
    if (adapter === undefined) throw new Error(`there is no adapter "${name}"`);
    this.#adapters.delete(name);
    await this.objects.remove(adapter.mock.path);
  }

  #adapterOf(address: string): { readonly adapter: Adapter; readonly device: DeviceMock } {
    for (const adapter of this.#adapters.values()) {
      const device = adapter.devices.get(address);
      if (device !== undefined) return { adapter, device };
    }
    throw new Error(`there is no device "${address}"`);
  }
}

/** The template that `dbus-codegen mock` uses for BlueZ. */
export const template: MockTemplate = { busName: BUS_NAME, serve: BluezMock.create };
