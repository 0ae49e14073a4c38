import type { Bus } from "@dbus-codegen-ts/runtime";
import {
  action,
  addition,
  type Mock,
  type MockObjects,
  type MockTemplate,
  mock,
  serveTemplate,
  type TemplateMock,
} from "dbus-codegen-ts/testing";
import { AccessPoint, type AccessPointProperties } from "./generated/org.freedesktop.NetworkManager.AccessPoint.ts";
import { AgentManager } from "./generated/org.freedesktop.NetworkManager.AgentManager.ts";
import {
  ConnectivityState,
  Device,
  type DeviceProperties,
  DeviceState,
} from "./generated/org.freedesktop.NetworkManager.Device.ts";
import { DnsManager } from "./generated/org.freedesktop.NetworkManager.DnsManager.ts";
import {
  ConnectionNotActiveError,
  UnknownConnectionError,
  UnknownDeviceError,
} from "./generated/org.freedesktop.NetworkManager.errors.ts";
import { NetworkManager, RadioFlags, State } from "./generated/org.freedesktop.NetworkManager.ts";
import { Activations, type ActiveMock } from "./mock-activations.ts";
import {
  type AccessPointMock,
  accessPointOf,
  canUse,
  DeviceFactory,
  type DeviceMock,
  setDeviceState,
} from "./mock-devices.ts";
import { type ProfileMock, type ProfileSettings, Profiles } from "./mock-profiles.ts";
import { completeSettings, wifiProfile } from "./mock-settings.ts";

export type { AccessPointMock, ActiveMock, DeviceMock, ProfileMock, ProfileSettings };

const BUS_NAME = "org.freedesktop.NetworkManager";
const PATH = "/org/freedesktop/NetworkManager";
const NOTHING = "/";

/**
 * A mock of NetworkManager: devices, access points, profiles and active connections, announced by the object manager at
 * `/org/freedesktop`. When the reply to ActivateConnection arrives, the connection is active and its device has an
 * address.
 */
export class NetworkManagerMock implements TemplateMock {
  readonly objects: MockObjects;
  /** The mock of the daemon's main interface. */
  readonly daemon: Mock<typeof NetworkManager>;
  readonly commands = {
    addWiredDevice: addition(["interface"], Device, ([name], properties: Partial<DeviceProperties>) =>
      this.addWiredDevice(name, properties),
    ),
    addWifiDevice: addition(["interface"], Device, ([name], properties: Partial<DeviceProperties>) =>
      this.addWifiDevice(name, properties),
    ),
    addWifiAccessPoint: addition(
      ["interface", "ssid"],
      AccessPoint,
      ([name, ssid], properties: Partial<AccessPointProperties>) => this.addWifiAccessPoint(name, ssid, properties),
    ),
    addWiredProfile: action(["id"], ([id]) => this.addProfile({ connection: { id, type: "802-3-ethernet" } })),
    addWifiProfile: action(["ssid", "password"], ([ssid, password]) => this.addProfile(wifiProfile(ssid, password))),
    activate: action(["id", "interface"], ([id, name]) => this.activate(id, name)),
    disconnect: action(["interface"], ([name]) => this.disconnect(name)),
    removeWifiAccessPoint: action(["interface", "ssid"], ([name, ssid]) => this.removeWifiAccessPoint(name, ssid)),
    removeDevice: action(["interface"], ([name]) => this.removeDevice(name)),
    removeProfile: action(["id"], ([id]) => this.removeProfile(id)),
  };
  readonly #devices = new Map<string, DeviceMock>();
  readonly #factory: DeviceFactory;
  readonly #profiles: Profiles;
  readonly #activations: Activations;

  private constructor(objects: MockObjects) {
    this.objects = objects;
    this.#factory = new DeviceFactory(objects, { disconnect: (device) => this.disconnect(device.name) });
    this.#profiles = new Profiles(objects, () => this.#update());
    this.#activations = new Activations(objects, () => this.#update());
    const paths = (): readonly string[] => [...this.#devices.values()].map(({ path }) => path);
    const addAndActivate = async (
      settings: ProfileSettings,
      device: string,
      point: string,
    ): Promise<[path: string, active: string]> => {
      const target = this.#deviceAt(device);
      const profile = await this.addProfile(completeSettings(settings, target, point));
      return [profile.path, (await this.#activations.activate(profile, target)).path];
    };
    this.daemon = mock(
      NetworkManager,
      {
        getDevices: paths,
        getAllDevices: paths,
        getDeviceByIpIface: (name) => this.#device(name).path,
        activateConnection: async (profilePath, devicePath) => {
          const profile = this.#profiles.at(profilePath) ?? this.#profileFor(this.#deviceAt(devicePath));
          const device = devicePath === NOTHING ? this.#deviceFor(profile) : this.#deviceAt(devicePath);
          return (await this.#activations.activate(profile, device)).path;
        },
        addAndActivateConnection: addAndActivate,
        addAndActivateConnection2: async (...args) => [...(await addAndActivate(args[0], args[1], args[2])), {}],
        deactivateConnection: async (path) => {
          const active = this.#activations.at(path);
          if (active === undefined) throw new ConnectionNotActiveError("the connection is not active");
          await this.#activations.end(active);
        },
        enable: (isEnabled) => this.#enable(isEnabled),
        sleep: (isAsleep) => this.#enable(!isAsleep),
        getPermissions: () => Object.fromEntries(PERMISSIONS.map((name) => [`${BUS_NAME}.${name}`, "yes"])),
        getLogging: () => ["INFO", "DEFAULT"],
        state: () => this.daemon.properties.state,
        checkConnectivity: () => this.daemon.properties.connectivity,
      },
      {
        version: "1.42.4",
        versionInfo: [(1 << 24) | (42 << 16) | (4 << 8)],
        state: State.Disconnected,
        networkingEnabled: true,
        wirelessEnabled: true,
        wirelessHardwareEnabled: true,
        radioFlags: RadioFlags.WLANAvailable,
        wwanEnabled: true,
        wwanHardwareEnabled: true,
        connectivity: ConnectivityState.None,
        activatingConnection: NOTHING,
        primaryConnection: NOTHING,
      },
    );
    this.daemon.beforeWrite(({ property, value }) => {
      if (property === "wirelessEnabled") this.#enableWifi(value === true);
    });
  }

  /** Serves the mock on a bus and requests the name `org.freedesktop.NetworkManager`. */
  static serve(bus: Bus): Promise<NetworkManagerMock> {
    return serveTemplate(bus, BUS_NAME, NetworkManagerMock.create);
  }

  /** Serves a daemon without devices and profiles. */
  static async create(objects: MockObjects): Promise<NetworkManagerMock> {
    const manager = new NetworkManagerMock(objects);
    await objects.addManager("/org/freedesktop");
    await objects.add(PATH, manager.daemon);
    await objects.add(`${PATH}/AgentManager`, mock(AgentManager));
    await objects.add(`${PATH}/DnsManager`, mock(DnsManager, {}, { mode: "default", rcManager: "symlink" }));
    await manager.#profiles.serve();
    return manager;
  }

  /** The active connections. */
  get activeConnections(): readonly ActiveMock[] {
    return this.#activations.all;
  }

  /** The profiles. */
  get profiles(): readonly ProfileMock[] {
    return this.#profiles.all;
  }

  /** Adds an Ethernet device with a plugged cable: `addWiredDevice("eth0")`. */
  async addWiredDevice(name: string, properties: Partial<DeviceProperties> = {}): Promise<DeviceMock> {
    return this.#announce(await this.#factory.addWired(name, properties));
  }

  /** Adds a Wi-Fi device: `addWifiDevice("wlan0")`. */
  async addWifiDevice(name: string, properties: Partial<DeviceProperties> = {}): Promise<DeviceMock> {
    return this.#announce(await this.#factory.addWireless(name, properties));
  }

  /**
   * Adds an access point that a device has found: `addWifiAccessPoint("wlan0", "home", { strength: 70 })`. It needs a
   * WPA password by default.
   *
   * @throws Error if there is no such device or it has no Wi-Fi.
   */
  async addWifiAccessPoint(
    device: string,
    ssid: string,
    properties: Partial<AccessPointProperties> = {},
  ): Promise<AccessPointMock> {
    const point = await this.#factory.addAccessPoint(this.#device(device), ssid, properties);
    this.#update();
    return point;
  }

  /** Removes the strongest access point of a network. A device that is connected through it disconnects. */
  async removeWifiAccessPoint(deviceName: string, ssid: string): Promise<void> {
    const device = this.#device(deviceName);
    const point = accessPointOf(device, Buffer.from(ssid)) ?? missing("access point", ssid);
    if (device.wireless?.properties.activeAccessPoint === point.path) await this.disconnect(deviceName);
    await this.#factory.removeAccessPoint(device, point);
    this.#update();
  }

  /** Adds a profile: `addProfile({ connection: { id: "office", type: "802-3-ethernet" } })`. */
  addProfile(settings: ProfileSettings): Promise<ProfileMock> {
    return this.#profiles.add(settings);
  }

  /** Removes a profile by its id. The connection of the profile ends. */
  async removeProfile(id: string): Promise<void> {
    await this.#profiles.remove(this.#profile(id).path);
    for (const active of this.activeConnections)
      if (active.profile.settings.connection?.id === id) await this.#activations.end(active);
  }

  /** Activates a profile by its id on a device. */
  activate(id: string, device: string): Promise<ActiveMock> {
    return this.#activations.activate(this.#profile(id), this.#device(device));
  }

  /** Ends the connection of a device, if it has one. */
  async disconnect(name: string): Promise<void> {
    await this.#activations.endOf(this.#device(name));
  }

  /** Removes a device with its connection and its access points. */
  async removeDevice(name: string): Promise<void> {
    const device = this.#device(name);
    await this.disconnect(name);
    this.#devices.delete(name);
    for (const point of device.accessPoints) await point.remove();
    this.#update();
    await device.remove();
    this.daemon.signals.deviceRemoved(device.path);
  }

  #announce(device: DeviceMock): DeviceMock {
    this.#devices.set(device.name, device);
    this.#update();
    this.daemon.signals.deviceAdded(device.path);
    return device;
  }

  async #enable(isEnabled: boolean): Promise<void> {
    this.daemon.properties.networkingEnabled = isEnabled;
    for (const device of this.#devices.values()) {
      await this.disconnect(device.name);
      setDeviceState(device, isEnabled ? DeviceState.Disconnected : DeviceState.Unmanaged);
    }
    this.#update();
  }

  #enableWifi(isEnabled: boolean): void {
    for (const device of this.#devices.values()) {
      if (device.wireless === undefined) continue;
      const ended = isEnabled ? Promise.resolve() : this.disconnect(device.name);
      const update = (): void => {
        setDeviceState(device, isEnabled ? DeviceState.Disconnected : DeviceState.Unavailable);
        this.#update();
      };
      // An error is ignored, because the mock may stop before the connection has ended.
      ended.then(update).catch(() => undefined);
    }
  }

  /** Updates the properties of the daemon and its devices that depend on devices, profiles and active connections. */
  #update(): void {
    const { properties, signals } = this.daemon;
    const devices = [...this.#devices.values()];
    for (const device of devices) {
      const available = this.profiles.filter(({ settings }) => canUse(device, settings));
      device.properties.availableConnections = available.map(({ path }) => path);
    }
    const [primary] = this.activeConnections;
    const connected = primary === undefined ? State.Disconnected : State.ConnectedGlobal;
    const state = properties.networkingEnabled ? connected : State.Asleep;
    const hasChanged = properties.state !== state;
    const paths = devices.map(({ path }) => path);
    Object.assign(properties, {
      devices: paths,
      allDevices: paths,
      activeConnections: this.activeConnections.map(({ path }) => path),
      primaryConnection: primary?.path ?? NOTHING,
      primaryConnectionType: primary?.properties.type ?? "",
      connectivity: primary === undefined ? ConnectivityState.None : ConnectivityState.Full,
      state,
    });
    if (hasChanged) signals.stateChanged(state);
  }

  #device(name: string): DeviceMock {
    return this.#devices.get(name) ?? missing("device", name);
  }

  #deviceAt(path: string): DeviceMock {
    const found = [...this.#devices.values()].find((device) => device.path === path);
    if (found === undefined) throw new UnknownDeviceError(`there is no device ${path}`);
    return found;
  }

  #deviceFor({ settings }: ProfileMock): DeviceMock {
    const found = [...this.#devices.values()].find((device) => canUse(device, settings));
    if (found === undefined) throw new UnknownDeviceError("no device can use the profile");
    return found;
  }

  #profileFor(device: DeviceMock): ProfileMock {
    const found = this.profiles.find(({ settings }) => canUse(device, settings));
    if (found === undefined) throw new UnknownConnectionError(`no profile is for the device ${device.name}`);
    return found;
  }

  #profile(id: string): ProfileMock {
    return this.profiles.find(({ settings }) => settings.connection?.id === id) ?? missing("profile", id);
  }
}

const PERMISSIONS = [
  "checkpoint-rollback",
  "enable-disable-network",
  "enable-disable-wifi",
  "enable-disable-wimax",
  "enable-disable-wwan",
  "network-control",
  "reload",
  "settings.modify.global-dns",
  "settings.modify.hostname",
  "settings.modify.own",
  "settings.modify.system",
  "sleep-wake",
  "wifi.scan",
  "wifi.share.open",
  "wifi.share.protected",
];

function missing(kind: string, name: string): never {
  throw new Error(`there is no ${kind} "${name}"`);
}

/** The template that `dbus-codegen mock` uses for NetworkManager. */
export const template: MockTemplate = { busName: BUS_NAME, serve: NetworkManagerMock.create };
