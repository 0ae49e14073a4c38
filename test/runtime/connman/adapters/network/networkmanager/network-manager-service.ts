import { setImmediate as nextTurn } from "node:timers/promises";
import {
  NetworkManager as Contract,
  NetworkManagerService,
} from "@dbus-codegen-ts/networkmanager/org.freedesktop.NetworkManager";
import {
  Active,
  ActiveConnectionState,
  ActiveService,
} from "@dbus-codegen-ts/networkmanager/org.freedesktop.NetworkManager.Connection.Active";
import {
  ConnectivityState,
  Device as DeviceContract,
  DeviceService,
  DeviceState,
  DeviceStateReason,
  DeviceType,
} from "@dbus-codegen-ts/networkmanager/org.freedesktop.NetworkManager.Device";
import { IP4Config, IP4ConfigService } from "@dbus-codegen-ts/networkmanager/org.freedesktop.NetworkManager.IP4Config";
import {
  Connection,
  type ConnectionProfile,
  ConnectionService,
} from "@dbus-codegen-ts/networkmanager/org.freedesktop.NetworkManager.Settings.Connection";
import { type Bus, FailedError, type ServedObject } from "@dbus-codegen-ts/runtime";
import { partial } from "../../../../core/fixtures/partial-service.ts";

const ROOT = "/org/freedesktop/NetworkManager";

/** A device for a cable. A test decides whether its activations succeed. */
export class Device extends partial(DeviceService, DeviceContract) implements Pick<DeviceService, "reapply"> {
  readonly path: string;
  /** Whether the next activations fail. */
  isBroken = false;
  readonly reapplied: ConnectionProfile[] = [];

  constructor(index: number, profile: string) {
    super({
      udi: "",
      interface: `eth${index}`,
      ipInterface: `eth${index}`,
      state: DeviceState.Disconnected,
      stateReason: { state: DeviceState.Disconnected, reason: 0 },
      activeConnection: "/",
      ip4Config: `${ROOT}/IP4Config/${index}`,
      ip6Config: "/",
      deviceType: DeviceType.Ethernet,
      availableConnections: [profile],
      mtu: 1500,
      metered: 0,
      real: true,
      ip4Connectivity: ConnectivityState.None,
      ip6Connectivity: ConnectivityState.None,
      interfaceFlags: 0x10003,
      hwAddress: `02:00:00:00:00:0${index}`,
    });
    this.path = `${ROOT}/Devices/${index}`;
  }

  reapply(connection: ConnectionProfile): void {
    this.reapplied.push(connection);
  }

  enter(state: DeviceState, reason: DeviceStateReason = DeviceStateReason.None): void {
    this.properties.state = state;
    this.properties.stateReason = { state, reason };
  }
}

class Activation extends partial(ActiveService, Active) {
  constructor(connection: string, device: string) {
    const state = ActiveConnectionState.Activating;
    super({ connection, devices: [device], state, ip4Config: "/", ip6Config: "/", vpn: false });
  }
}

export class Profile
  extends partial(ConnectionService, Connection)
  implements Pick<ConnectionService, "getSettings" | "delete" | "update">
{
  settings: ConnectionProfile;
  isHidden = false;

  constructor(settings: ConnectionProfile) {
    super({ flags: 0 });
    this.settings = settings;
  }

  getSettings(): ConnectionProfile {
    if (this.isHidden) throw new FailedError("No permission");
    return this.settings;
  }

  /** Called by the method Delete. Ends serving the profile. */
  onDelete: () => void = () => undefined;

  delete(): void {
    this.onDelete();
  }

  update(settings: ConnectionProfile): void {
    if (settings.connection?.autoconnect === undefined) throw new FailedError("a setting was lost");
    this.settings = settings;
    this.signals.updated();
  }
}

/** A service that behaves like NetworkManager with cables. */
export class NetworkManager
  extends partial(NetworkManagerService, Contract)
  implements AsyncDisposable, Pick<NetworkManagerService, "activateConnection" | "deactivateConnection">
{
  readonly bus: Bus;
  /** Received calls, such as `activate Profile 1`. */
  readonly calls: string[] = [];
  readonly devices: readonly Device[];
  readonly profiles: readonly Profile[];
  isRefusing = false;
  /** Whether activations wait for `proceed`. */
  isSlow = false;
  /** Whether a device has an activation only after `proceed`, like a device that NetworkManager creates. */
  isLate = false;
  readonly #waiting: (() => void)[] = [];
  readonly #activations = new Map<
    string,
    { readonly served: ServedObject; readonly activation: Activation; readonly device: Device }
  >();
  #count = 0;

  private constructor(bus: Bus, cables: number) {
    super({ wirelessEnabled: true, wirelessHardwareEnabled: true, wwanEnabled: true, wwanHardwareEnabled: true });
    this.bus = bus;
    const indexes = Array.from({ length: cables }, (_, index) => index + 1);
    this.devices = indexes.map((index) => new Device(index, profilePath(index)));
    this.profiles = indexes.map((index) => {
      const connection = { id: `Cable ${index}`, uuid: `u-${index}`, type: "802-3-ethernet", autoconnect: true };
      return new Profile({ connection, ipv4: { method: "auto" } });
    });
  }

  /** Serves NetworkManager on a connection, and closes the connection at the end. */
  static async serve(bus: Bus, cables: number): Promise<NetworkManager> {
    const manager = new NetworkManager(bus, cables);
    await bus.serveObjectManager("/org/freedesktop");
    await bus.serve(ROOT, manager);
    for (const [index, device] of manager.devices.entries()) {
      await bus.serve(device.path, device);
      await bus.serve(device.properties.ip4Config, new Ip4(`192.0.2.${index + 1}`, 100 + index));
    }
    for (const [index, profile] of manager.profiles.entries()) await bus.serve(profilePath(index + 1), profile);
    await bus.requestName("org.freedesktop.NetworkManager");
    return manager;
  }

  async activateConnection(profile: string, path: string): Promise<string> {
    this.calls.push(`activate ${profile.slice(ROOT.length)} on ${path.slice(ROOT.length)}`);
    const device = this.devices.find((candidate) => candidate.path === path);
    if (device === undefined || this.isRefusing) throw new FailedError("Not authorized to control networking.");
    const activation = new Activation(profile, path);
    const activationPath = `${ROOT}/ActiveConnection/${++this.#count}`;
    const served = await this.bus.serve(activationPath, activation);
    this.#activations.set(activationPath, { served, activation, device });
    const show = (): void => {
      device.properties.activeConnection = activationPath;
      device.enter(DeviceState.Prepare);
    };
    const bringUp = (): void => void this.#bringUp(activationPath);
    if (this.isLate) this.#waiting.push(show, bringUp);
    else show();
    if (this.isSlow) this.#waiting.push(bringUp);
    else if (!this.isLate) setImmediate(bringUp);
    return activationPath;
  }

  async deactivateConnection(path: string): Promise<void> {
    this.calls.push(`deactivate ${path.slice(ROOT.length)}`);
    const found = this.#activations.get(path);
    if (found === undefined) throw new FailedError("The connection was not active.");
    found.device.enter(DeviceState.Deactivating);
    await this.#end(path);
  }

  /** Continues the waiting activations. */
  proceed(): void {
    for (const bringUp of this.#waiting.splice(0)) bringUp();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.bus.close();
  }

  async #bringUp(path: string): Promise<void> {
    const found = this.#activations.get(path);
    if (found === undefined) return;
    const { device, activation } = found;
    if (device.isBroken) {
      device.enter(DeviceState.Failed, DeviceStateReason.DhcpFailed);
      // Without waiting, the runtime would announce only the last state.
      await nextTurn();
      await this.#end(path);
      return;
    }
    device.enter(DeviceState.IpConfig);
    device.enter(DeviceState.Activated);
    activation.properties.state = ActiveConnectionState.Activated;
    device.properties.ip4Connectivity = ConnectivityState.Full;
  }

  async #end(path: string): Promise<void> {
    const found = this.#activations.get(path);
    if (found === undefined) return;
    const { served, activation, device } = found;
    this.#activations.delete(path);
    activation.properties.state = ActiveConnectionState.Deactivated;
    device.properties.activeConnection = "/";
    device.properties.ip4Connectivity = ConnectivityState.None;
    device.enter(DeviceState.Disconnected);
    await served.close();
  }
}

class Ip4 extends partial(IP4ConfigService, IP4Config) {
  constructor(address: string, metric: number) {
    super({
      addressData: [{ address, prefix: 24 }],
      gateway: "192.0.2.254",
      routeData: [{ dest: "0.0.0.0", prefix: 0, metric }],
      nameserverData: [],
      domains: [],
      searches: [],
    });
  }
}

function profilePath(index: number): string {
  return `${ROOT}/Settings/${index}`;
}
