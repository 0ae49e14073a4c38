import { type Bus, DBusError, type ObjectPath, type Subscription } from "@dbus-codegen-ts/runtime";
import { DeviceClient, DeviceState, DeviceStateReason } from "./generated/org.freedesktop.NetworkManager.Device.ts";
import { NetworkManagerClient } from "./generated/org.freedesktop.NetworkManager.ts";
import { NETWORK_MANAGER } from "./network-manager.ts";

/**
 * A record of why devices fail. NetworkManager itself keeps the reason only until the next change of the device's
 * state.
 */
export class DeviceFailures implements AsyncDisposable {
  readonly #bus: Bus;
  readonly #devices = new Map<ObjectPath, DeviceClient>();
  readonly #subscriptions: Subscription[] = [];
  readonly #reasons = new Map<ObjectPath, DeviceStateReason>();

  private constructor(bus: Bus) {
    this.#bus = bus;
  }

  /** Starts watching all devices. Disposing of the result ends the watching. */
  static async watch(bus: Bus): Promise<DeviceFailures> {
    const { properties } = new NetworkManagerClient(bus, NETWORK_MANAGER);
    const failures = new DeviceFailures(bus);
    try {
      await failures.add(await properties.allDevices.get());
    } catch (error) {
      await failures[Symbol.asyncDispose]();
      throw error;
    }
    return failures;
  }

  /** Watches further devices. A device that is watched already is skipped. */
  async add(paths: readonly ObjectPath[]): Promise<void> {
    const isNew = (path: ObjectPath): boolean => !this.#devices.has(path);
    const subscribed = await Promise.allSettled(paths.filter(isNew).map((path) => this.#subscribe(path)));
    for (const outcome of subscribed) if (outcome.status === "rejected") throw outcome.reason;
  }

  /**
   * Returns why one of the given devices has failed, or else the reason for the present state of one of them; undefined
   * without a reason. If no device is given and exactly one device has failed, returns the reason of that device.
   */
  async reason(paths: readonly ObjectPath[]): Promise<DeviceStateReason | undefined> {
    let present: DeviceStateReason | undefined;
    for (const path of paths) {
      try {
        // When the reply has arrived, all signals that were sent before it have arrived, too.
        const state = await this.#devices.get(path)?.properties.stateReason.get();
        if (state !== undefined && state.reason !== DeviceStateReason.None) present ??= state.reason;
      } catch (error) {
        // The device was removed.
        if (!(error instanceof DBusError)) throw error;
      }
    }
    if (paths.length === 0) return this.#reasons.size === 1 ? [...this.#reasons.values()][0] : undefined;
    return paths.map((path) => this.#reasons.get(path)).find((reason) => reason !== undefined) ?? present;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#subscriptions.map((subscription) => subscription.close()));
  }

  async #subscribe(path: ObjectPath): Promise<void> {
    const device = new DeviceClient(this.#bus, { destination: NETWORK_MANAGER.destination, path });
    this.#devices.set(path, device);
    const subscription = await device.signals.stateChanged.subscribe((state, _previous, reason) => {
      if (state === DeviceState.Failed) this.#reasons.set(path, reason);
    });
    this.#subscriptions.push(subscription);
  }
}
