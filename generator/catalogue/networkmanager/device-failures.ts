import { type Bus, DBusError, type ObjectPath, type Subscription } from "@dbus-codegen-ts/runtime";
import { DeviceClient, DeviceState, DeviceStateReason } from "./generated/org.freedesktop.NetworkManager.Device.ts";
import { NETWORK_MANAGER } from "./network-manager.ts";

/** Remembers why devices fail. The state of a device has the reason only for a moment. */
export class DeviceFailures implements AsyncDisposable {
  readonly #devices: readonly DeviceClient[];
  readonly #subscriptions: Subscription[] = [];
  #reason: DeviceStateReason | undefined;

  private constructor(devices: readonly DeviceClient[]) {
    this.#devices = devices;
  }

  /** Watches devices until it is disposed of. */
  static async watch(bus: Bus, paths: readonly ObjectPath[]): Promise<DeviceFailures> {
    const { destination } = NETWORK_MANAGER;
    const failures = new DeviceFailures(paths.map((path) => new DeviceClient(bus, { destination, path })));
    try {
      for (const device of failures.#devices) failures.#subscriptions.push(await failures.#subscribe(device));
    } catch (error) {
      await failures[Symbol.asyncDispose]();
      throw error;
    }
    return failures;
  }

  /** Returns why a device has failed or, if none has, why one changed; undefined without a reason. */
  async reason(): Promise<DeviceStateReason | undefined> {
    let present: DeviceStateReason | undefined;
    for (const { properties } of this.#devices) {
      try {
        // Signals that were sent before the reply have arrived when it does.
        const { reason } = await properties.stateReason.get();
        if (reason !== DeviceStateReason.None) present ??= reason;
      } catch (error) {
        // The device was removed.
        if (!(error instanceof DBusError)) throw error;
      }
    }
    return this.#reason ?? present;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#subscriptions.map((subscription) => subscription.close()));
  }

  #subscribe(device: DeviceClient): Promise<Subscription> {
    return device.signals.stateChanged.subscribe((state, _previous, reason) => {
      if (state === DeviceState.Failed) this.#reason = reason;
    });
  }
}
