import { NetworkManagerClient } from "@dbus-codegen-ts/networkmanager/org.freedesktop.NetworkManager";
import { ActiveConnectionState } from "@dbus-codegen-ts/networkmanager/org.freedesktop.NetworkManager.Connection.Active";
import { DeviceClient } from "@dbus-codegen-ts/networkmanager/org.freedesktop.NetworkManager.Device";
import {
  ConnectionClient,
  type ConnectionProfile,
} from "@dbus-codegen-ts/networkmanager/org.freedesktop.NetworkManager.Settings.Connection";
import type { Bus } from "@dbus-codegen-ts/runtime";
import { type Bearer, type IPv4, isConnected, type NetworkService } from "../../../policy/service.ts";
import { NetworkError } from "../network.ts";
import { warnOfNetworkErrors } from "../network-errors.ts";
import { ObservedNetwork } from "../observed-network.ts";
import { FailedServices } from "./failed-services.ts";
import { managedServices, managedTechnologies } from "./managed-services.ts";
import { NETWORK_MANAGER_NAME, ObjectFollower } from "./object-follower.ts";
import { type ManagedService, type NetworkManagerObjects, NO_OBJECT } from "./objects.ts";
import { withAutoConnect, withIPv4 } from "./profile.ts";
import { searchWifi } from "./wifi-search.ts";

/** Default time limit of a search, which normally takes a few seconds. */
const SCAN_TIMEOUT_MS = 30_000;

export interface NetworkManagerOptions {
  /** Milliseconds after which a search for Wi-Fi networks has failed. Default: 30,000. */
  readonly scanTimeoutMs?: number;
  /** Called with errors that no method returns. Default: emits a process warning. */
  readonly onError?: (error: unknown) => void;
}

/**
 * The network that NetworkManager manages. `connect` activates the profile of a service, and `disconnect` deactivates
 * it. While NetworkManager is not on the bus, there are no services.
 */
export class NetworkManagerNetwork extends ObservedNetwork {
  readonly #bus: Bus;
  readonly #scanTimeoutMs: number;
  readonly #objects: ObjectFollower;
  readonly #manager: NetworkManagerClient;
  #managed: ReadonlyMap<string, ManagedService> = new Map();
  /** Paths of requested activations that have neither succeeded nor failed yet, by service id. */
  readonly #requested = new Map<string, string>();
  /** Promises of the paths of activations that NetworkManager has not returned yet, by service id. */
  readonly #activating = new Map<string, Promise<string>>();
  readonly #failed = new FailedServices(() => this.#request());
  /** Radios that offline mode has switched off. */
  #switchedOff: readonly Radio[] = [];
  #publishing: NodeJS.Immediate | undefined;
  #isOpen = false;

  /**
   * Reads the objects of NetworkManager and follows their changes, also when NetworkManager is restarted. If
   * NetworkManager is not running, the bus starts it if a service file exists for it.
   *
   * @param bus - A connection to the system bus. `close` does not close it.
   * @throws DBusError if the bus or NetworkManager refuses.
   */
  static async open(bus: Bus, options: NetworkManagerOptions = {}): Promise<NetworkManagerNetwork> {
    const network = new NetworkManagerNetwork(bus, options);
    try {
      await network.#objects.start();
    } catch (error) {
      await network.close();
      throw error;
    }
    network.#isOpen = true;
    network.#publish();
    return network;
  }

  private constructor(
    bus: Bus,
    { onError = warnOfNetworkErrors("NetworkManager"), scanTimeoutMs = SCAN_TIMEOUT_MS }: NetworkManagerOptions,
  ) {
    super(onError);
    this.#bus = bus;
    this.#scanTimeoutMs = scanTimeoutMs;
    this.#manager = new NetworkManagerClient(bus, at("/org/freedesktop/NetworkManager"));
    this.#objects = new ObjectFollower(bus, {
      onChange: () => this.#request(),
      onFailure: () => this.#publish(),
      onError,
    });
  }

  /** Activates the profile of a service that is down. */
  connect(id: string): void {
    const managed = this.#managed.get(id);
    if (managed === undefined || isUp(managed.service) || this.#activating.has(id)) return;
    // A second activation would end the first one, even if the device does not show the first one yet.
    const published = this.services.find((service) => service.id === id);
    if (this.#requested.has(id) && published?.state === "idle") return;
    this.#failed.delete(id);
    this.#activate(id, managed).catch((error: unknown) => {
      this.onError(error);
      this.#failed.add(id, "connect-failed");
      this.#request();
    });
  }

  /** Deactivates the profile of a service. After that, NetworkManager does not activate the profile by itself. */
  disconnect(id: string): void {
    this.#requested.delete(id);
    const activation = this.#activating.get(id) ?? this.#managed.get(id)?.activation;
    this.#activating.delete(id);
    if (activation !== undefined) void this.#deactivate(activation);
  }

  /** Switches Wi-Fi and modems off or on, and takes Bluetooth connections down. Cables keep working. */
  async setOffline(offline: boolean): Promise<void> {
    if (!offline) {
      const off = this.#switchedOff.length > 0 ? this.#switchedOff : RADIOS;
      this.#switchedOff = [];
      await Promise.all(off.map((radio) => this.#switchRadio(radio, true)));
      return;
    }
    const { wirelessEnabled, wwanEnabled } = managerOf(this.#objects.objects());
    const on = RADIOS.filter((radio) => (radio === "wifi" ? wirelessEnabled : wwanEnabled));
    if (on.length > 0) this.#switchedOff = on;
    await Promise.all(on.map((radio) => this.#switchRadio(radio, false)));
    for (const { id, bearer } of this.services) if (bearer === "bluetooth") this.disconnect(id);
  }

  /**
   * Switches Wi-Fi or modems off or on. Throws NetworkError for other technologies, which NetworkManager cannot switch.
   */
  async setPowered(bearer: Bearer, isPowered: boolean): Promise<void> {
    const radio = RADIOS.find((candidate) => candidate === bearer);
    if (radio === undefined) throw new NetworkError(`NetworkManager does not switch ${bearer}`);
    await this.#switchRadio(radio, isPowered);
  }

  async setAutoConnect(id: string, autoConnect: boolean): Promise<void> {
    await this.#changeProfile(id, (settings) => withAutoConnect(settings, autoConnect));
  }

  /** Changes the profile of a service, and applies the change if the profile is active. */
  async setIPv4(id: string, configuration: IPv4): Promise<void> {
    const managed = await this.#changeProfile(id, (settings) => withIPv4(settings, configuration));
    if (!isUp(managed.service) || managed.device === NO_OBJECT) return;
    const device = new DeviceClient(this.#bus, at(managed.device));
    await device.reapply({}, 0n, 0).catch((cause: unknown) => {
      throw new NetworkError("NetworkManager stored the configuration, but did not apply it", { cause });
    });
  }

  /** Deletes the profile of a service. */
  async forget(id: string): Promise<void> {
    const profile = this.#managed.get(id)?.profile;
    if (profile === undefined) throw new NetworkError("NetworkManager has no profile for this service");
    await refusable(new ConnectionClient(this.#bus, at(profile)).delete());
  }

  /** Searches for Wi-Fi networks with all radios. Resolves when the searches have ended. */
  async scan(bearer: Bearer): Promise<void> {
    const radios = [...this.#objects.objects().radios.keys()];
    if (bearer !== "wifi" || radios.length === 0)
      throw new NetworkError(`NetworkManager does not search for ${bearer}`);
    await refusable(Promise.all(radios.map((path) => searchWifi(this.#bus, path, this.#scanTimeoutMs))));
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    clearImmediate(this.#publishing);
    this.state.close();
    this.#failed.close();
    await this.#objects.close();
  }

  async #activate(id: string, { profile, device, accessPoint }: ManagedService): Promise<void> {
    if (profile === undefined) throw new NetworkError("NetworkManager has no profile for this network");
    const activation = this.#manager.activateConnection(profile, device, accessPoint);
    this.#activating.set(id, activation);
    try {
      const path = await activation;
      // If the activation was removed, the service was disconnected meanwhile.
      if (this.#activating.get(id) === activation) this.#requested.set(id, path);
      this.#request();
    } finally {
      if (this.#activating.get(id) === activation) this.#activating.delete(id);
    }
  }

  async #deactivate(activation: string | Promise<string>): Promise<void> {
    // If an activation is in progress and fails, `connect` reports the error.
    const path = await Promise.resolve(activation).catch(() => undefined);
    if (path !== undefined) await this.#manager.deactivateConnection(path).catch(this.onError);
  }

  async #changeProfile(
    id: string,
    change: (settings: ConnectionProfile) => ConnectionProfile,
  ): Promise<ManagedService> {
    const managed = this.#managed.get(id);
    if (managed?.profile === undefined) throw new NetworkError("NetworkManager has no profile for this service");
    await refusable(this.#objects.profiles.change(managed.profile, change));
    this.#publish();
    return managed;
  }

  async #switchRadio(radio: Radio, isOn: boolean): Promise<void> {
    const { wirelessEnabled, wwanEnabled } = this.#manager.properties;
    await refusable((radio === "wifi" ? wirelessEnabled : wwanEnabled).set(isOn));
  }

  /**
   * Publishes the services and technologies later in this turn of the event loop, after all messages that have arrived
   * are handled.
   */
  #request(): void {
    this.#publishing ??= setImmediate(() => this.#publish());
  }

  #publish(): void {
    clearImmediate(this.#publishing);
    this.#publishing = undefined;
    if (!this.#isOpen) return;
    const objects = this.#objects.objects();
    const managed = managedServices(objects);
    this.#managed = new Map(managed.map((entry) => [entry.service.id, entry]));
    this.#followRequested(objects);
    this.#failed.retain(this.#managed);
    const services = managed.map(({ service }) => this.#failed.applyTo(service));
    const { wirelessEnabled, wwanEnabled } = managerOf(objects);
    const isOffline = wirelessEnabled === false && wwanEnabled === false;
    this.state.publish({ services, technologies: managedTechnologies(objects), isOffline });
  }

  /** Marks services as failed whose requested activation ended without success. */
  #followRequested({ activations }: NetworkManagerObjects): void {
    for (const [id, activation] of [...this.#requested]) {
      const service = this.#managed.get(id)?.service;
      const state = activations.get(activation)?.state;
      const isPending = state === ActiveConnectionState.Activating || state === ActiveConnectionState.Unknown;
      if (service !== undefined && isPending && !isConnected(service)) continue;
      this.#requested.delete(id);
      const hasFailed = service?.state === "idle" && state !== ActiveConnectionState.Activated;
      if (hasFailed && !this.#failed.has(id)) this.#failed.add(id, "connect-failed");
    }
  }
}

const RADIOS = ["wifi", "cellular"] as const;
type Radio = (typeof RADIOS)[number];

function at(path: string): { readonly destination: string; readonly path: string } {
  return { destination: NETWORK_MANAGER_NAME, path };
}

function managerOf({ manager }: NetworkManagerObjects) {
  const [values = {}] = manager.values();
  return values;
}

function isUp({ state }: NetworkService): boolean {
  return state !== "idle" && state !== "failure" && state !== "disconnect";
}

/** Waits for the result of a request to NetworkManager. @throws NetworkError if NetworkManager refuses. */
async function refusable(result: Promise<unknown>): Promise<void> {
  try {
    await result;
  } catch (cause) {
    if (cause instanceof NetworkError) throw cause;
    const reason = cause instanceof Error ? cause.message : "unknown reason";
    throw new NetworkError(`NetworkManager refuses the change: ${reason}`, { cause });
  }
}
