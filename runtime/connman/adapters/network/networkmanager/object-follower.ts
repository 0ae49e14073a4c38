import {
  NetworkManagerClient,
  type NetworkManagerProperties,
} from "@dbus-codegen-ts/networkmanager/org.freedesktop.NetworkManager";
import {
  AccessPointClient,
  type AccessPointProperties,
} from "@dbus-codegen-ts/networkmanager/org.freedesktop.NetworkManager.AccessPoint";
import {
  ActiveClient,
  type ActiveProperties,
} from "@dbus-codegen-ts/networkmanager/org.freedesktop.NetworkManager.Connection.Active";
import {
  DeviceClient,
  type DeviceProperties,
  DeviceState,
  DeviceType,
} from "@dbus-codegen-ts/networkmanager/org.freedesktop.NetworkManager.Device";
import {
  WiredClient,
  type WiredProperties,
} from "@dbus-codegen-ts/networkmanager/org.freedesktop.NetworkManager.Device.Wired";
import {
  WirelessClient,
  type WirelessProperties,
} from "@dbus-codegen-ts/networkmanager/org.freedesktop.NetworkManager.Device.Wireless";
import {
  IP4ConfigClient,
  type IP4ConfigProperties,
} from "@dbus-codegen-ts/networkmanager/org.freedesktop.NetworkManager.IP4Config";
import {
  IP6ConfigClient,
  type IP6ConfigProperties,
} from "@dbus-codegen-ts/networkmanager/org.freedesktop.NetworkManager.IP6Config";
import {
  ConnectionClient,
  type ConnectionProperties,
} from "@dbus-codegen-ts/networkmanager/org.freedesktop.NetworkManager.Settings.Connection";
import { type Bus, type ManagedChange, ObjectManagerClient, type Subscription } from "@dbus-codegen-ts/runtime";
import { MAX_NETWORK_OBJECTS } from "../../../quotas.ts";
import { modemsOf } from "./managed-services.ts";
import { ObjectTable } from "./object-table.ts";
import type { NetworkManagerObjects } from "./objects.ts";
import { ProfileReader } from "./profile-reader.ts";
import { RoamingModems } from "./roaming-modems.ts";

/** Bus name of NetworkManager. */
export const NETWORK_MANAGER_NAME = "org.freedesktop.NetworkManager";

const CLASSES = {
  manager: NetworkManagerClient,
  devices: DeviceClient,
  wired: WiredClient,
  radios: WirelessClient,
  accessPoints: AccessPointClient,
  activations: ActiveClient,
  ipv4: IP4ConfigClient,
  ipv6: IP6ConfigClient,
  stored: ConnectionClient,
} as const;

export interface ObjectFollowerHandlers {
  /** Called after each change of an object or profile. */
  onChange(): void;
  /** Called when an activation of a device has failed. The device has the failed state for milliseconds only. */
  onFailure(): void;
  onError(error: unknown): void;
}

/**
 * The present objects of NetworkManager, also after NetworkManager is restarted. There are no objects while
 * NetworkManager is not on the bus.
 */
export class ObjectFollower {
  /** The settings of the profiles, which are read with method calls. */
  readonly profiles: ProfileReader;
  readonly #handlers: ObjectFollowerHandlers;
  readonly #roamingModems: RoamingModems;
  readonly #client: ObjectManagerClient<Bus, typeof CLASSES>;
  readonly #tables = {
    manager: new ObjectTable<NetworkManagerProperties>(),
    devices: new ObjectTable<DeviceProperties>(),
    wired: new ObjectTable<WiredProperties>(),
    radios: new ObjectTable<WirelessProperties>(),
    accessPoints: new ObjectTable<AccessPointProperties>(),
    activations: new ObjectTable<ActiveProperties>(),
    ipv4: new ObjectTable<IP4ConfigProperties>(),
    ipv6: new ObjectTable<IP6ConfigProperties>(),
    stored: new ObjectTable<ConnectionProperties>(),
  };
  #subscription: Subscription | undefined;

  constructor(bus: Bus, handlers: ObjectFollowerHandlers) {
    this.#handlers = handlers;
    this.#client = new ObjectManagerClient(
      bus,
      { destination: NETWORK_MANAGER_NAME, path: "/org/freedesktop" },
      CLASSES,
    );
    this.profiles = new ProfileReader(bus, NETWORK_MANAGER_NAME, handlers);
    this.#roamingModems = new RoamingModems(bus, handlers);
  }

  /**
   * Reads the objects and the settings of the profiles, and follows their changes.
   *
   * @throws DBusError if the bus or NetworkManager refuses.
   */
  async start(): Promise<void> {
    this.#subscription = await this.#client.subscribe((change) => {
      if (change.kind === "added") this.#add(change);
      else this.#remove(change);
      this.#handlers.onChange();
    });
    await this.profiles.settled();
  }

  /** Returns all objects with their present values. */
  objects(): NetworkManagerObjects {
    const { manager, devices, wired, radios, accessPoints, activations, ipv4, ipv6, stored } = this.#tables;
    return {
      manager: manager.objects(),
      devices: devices.objects(),
      wired: wired.objects(),
      radios: radios.objects(),
      accessPoints: accessPoints.objects(),
      activations: activations.objects(),
      ipv4: ipv4.objects(),
      ipv6: ipv6.objects(),
      stored: stored.objects(),
      profiles: this.profiles.profiles,
      roaming: this.#roamingModems.paths,
    };
  }

  async close(): Promise<void> {
    this.profiles.close();
    this.#roamingModems.close();
    await this.#subscription?.close();
    await this.#client.close();
  }

  #add(change: ManagedChange<typeof CLASSES>): void {
    const tables = this.#tables;
    const { path } = change.object;
    const size = Object.values(tables).reduce((sum, table) => sum + table.size, 0);
    if (size >= MAX_NETWORK_OBJECTS) return;
    const onChange = (): void => this.#handlers.onChange();
    switch (change.interface) {
      case "manager":
        tables.manager.add(path, change.client.properties, onChange);
        break;
      case "devices":
        tables.devices.add(path, change.client.properties, () => this.#onDevice(change.client));
        this.#followModems();
        break;
      case "wired":
        tables.wired.add(path, change.client.properties, onChange);
        break;
      case "radios":
        tables.radios.add(path, change.client.properties, onChange);
        break;
      case "accessPoints":
        tables.accessPoints.add(path, change.client.properties, onChange);
        break;
      case "activations":
        tables.activations.add(path, change.client.properties, onChange);
        break;
      case "ipv4":
        tables.ipv4.add(path, change.client.properties, onChange);
        break;
      case "ipv6":
        tables.ipv6.add(path, change.client.properties, onChange);
        break;
      case "stored":
        tables.stored.add(path, change.client.properties, onChange);
        this.profiles.add(path);
        break;
    }
  }

  #followModems(): void {
    this.#roamingModems.follow(modemsOf({ devices: this.#tables.devices.objects() }));
  }

  #remove({ interface: key, object: { path } }: ManagedChange<typeof CLASSES>): void {
    this.#tables[key].remove(path);
    if (key === "stored") this.profiles.remove(path);
    if (key === "devices") this.#followModems();
  }

  #onDevice({ properties }: DeviceClient): void {
    if (properties.deviceType.value === DeviceType.Modem) this.#followModems();
    if (properties.state.value === DeviceState.Failed) this.#handlers.onFailure();
    this.#handlers.onChange();
  }
}
